/** What a deployment does to each resource, as it reports it to whoever displays it. */
import type { PropertyDiff } from "./provider-answers";
import type { ResourceState } from "./state";
import type { Urn } from "./urn";

/** Operations, by the names that Pulumi's previews use. */
export type StepOp =
  | "same"
  | "create"
  | "update"
  | "delete"
  | "replace"
  | "create-replacement"
  | "delete-replaced"
  | "import"
  | "refresh";

/** One thing that a deployment does, or in a preview would do, to one resource. */
export interface Step {
  readonly op: StepOp;
  readonly urn: Urn;
  readonly old?: ResourceState | undefined;
  readonly next?: ResourceState | undefined;
  /** Properties that differ. */
  readonly diffReasons?: readonly string[] | undefined;
  /** Those of them that cannot change in place. */
  readonly replaceReasons?: readonly string[] | undefined;
  readonly detailedDiff?: Readonly<Record<string, PropertyDiff>> | undefined;
}

export type Severity = "info" | "warning" | "error";

/** What a deployment tells while it runs. The two awaited calls stand around each call that changes something outside. */
export interface DeploymentObserver {
  planned?(step: Step): void;
  done?(step: Step): void;
  failed?(urn: Urn, message: string): void;
  /** A resource is left as it is, since something that it depends on failed or was skipped. */
  skipped?(urn: Urn): void;
  diagnostic?(severity: Severity, message: string, urn: Urn): void;
  /** How far something is that takes long. */
  status?(message: string): void;
  beforeCall?(step: Step): Promise<void>;
  afterCall?(step: Step): Promise<void>;
}
