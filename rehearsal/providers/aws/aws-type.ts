import type { PropertyValue, Props } from "../../protocol/property-values";
import type { CheckFailure } from "../stand-in";
import type { Aws } from "./clients";

/** What the real provider's schema says of one input. */
export interface InputSpec {
  readonly required?: boolean;
  /** A change makes a new resource; otherwise it is made in place. */
  readonly replaces?: boolean;
  /** AWS fills it in when it is not given: leaving it away is then no change. */
  readonly computed?: boolean;
  /** What the provider's check fills in. */
  readonly default?: PropertyValue;
  /** The provider's check fills in the resource's logical name and seven random hex digits. */
  readonly autonamed?: boolean;
  /** How two values are told apart: as JSON documents, or as sets; otherwise by their exact value. */
  readonly compare?: "document" | "set";
  /** Of a nested block: its fields, each compared on its own. */
  readonly fields?: Readonly<Record<string, InputSpec>>;
}

export interface UpdateOf {
  readonly id: string;
  /** State of the last run. */
  readonly olds: Props;
  /** Checked inputs of this run. */
  readonly news: Props;
  /** Names of the inputs that differ. */
  readonly changed: ReadonlySet<string>;
}

/** One resource type of pulumi-aws: how its inputs compare, and which calls of AWS's API it is made of. */
export interface AwsType {
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /** Outputs that only AWS knows: unknown in the preview of a create. */
  readonly computed: readonly string[];
  /** Outputs that are secret whatever the program says. */
  readonly secrets?: readonly string[];
  /** What the schema of single inputs cannot say. Not called while an input is unknown. */
  validate?(inputs: Props): CheckFailure[];
  /** The outputs that a preview of this update cannot know. */
  unsettled?(changed: ReadonlySet<string>): readonly string[];
  /** Further inputs whose change makes a new resource, given this whole change. */
  replacing?(change: Omit<UpdateOf, "id">): readonly string[];
  /** Creates the resource; calls `made` with its id as soon as it exists, since what follows may fail. */
  create(inputs: Props, aws: Aws, made: (id: string) => void): Promise<void>;
  /** The state as AWS has it; undefined if the resource is gone. `known` is what the state or the inputs say, empty for an import. */
  read(id: string, known: Props, aws: Aws): Promise<Props | undefined>;
  update(change: UpdateOf, aws: Aws): Promise<void>;
  /** Does nothing if the resource is gone already. */
  delete(id: string, state: Props, aws: Aws): Promise<void>;
}

/** The text of a property, empty if it has none. */
export function text(value: PropertyValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The text of a property, undefined if it is absent or empty: AWS tells the two apart, its provider does not. */
export function optionalText(value: PropertyValue | undefined): string | undefined {
  return text(value) || undefined;
}
