import type { PropertyValue, Props } from "../protocol/property-values";

/** What every call about one resource says of it. */
export interface ResourceRequest {
  readonly urn: string;
  /** Pulumi type token, for example `postgresql:index/role:Role`. */
  readonly type: string;
  readonly name: string;
}

// In all requests the properties are plain: secrets arrive unwrapped, unknown values as UNKNOWN.

export interface CheckRequest extends ResourceRequest {
  /** Inputs of the last run; empty for a new resource. */
  readonly olds: Props;
  readonly news: Props;
  readonly randomSeed: Uint8Array;
}

export interface DiffRequest extends ResourceRequest {
  readonly id: string;
  /** State of the last run. */
  readonly olds: Props;
  readonly oldInputs: Props;
  /** Checked inputs of this run. */
  readonly news: Props;
  readonly ignoreChanges: readonly string[];
}

export interface CreateRequest extends ResourceRequest {
  readonly inputs: Props;
  readonly preview: boolean;
}

export interface ReadRequest extends ResourceRequest {
  readonly id: string;
  /** State of the last run; empty when the resource is being imported. */
  readonly properties: Props;
  /** Inputs of the last run; empty when the resource is being imported. */
  readonly inputs: Props;
}

export interface UpdateRequest extends DiffRequest {
  readonly preview: boolean;
}

export interface DeleteRequest extends ResourceRequest {
  readonly id: string;
  readonly properties: Props;
  readonly oldInputs: Props;
}

export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

export interface CheckAnswer {
  readonly inputs: Props;
  readonly failures?: readonly CheckFailure[];
}

export type DiffKind = "ADD" | "ADD_REPLACE" | "DELETE" | "DELETE_REPLACE" | "UPDATE" | "UPDATE_REPLACE";

export interface DiffAnswer {
  readonly changes: boolean;
  readonly diffs?: readonly string[];
  readonly replaces?: readonly string[];
  readonly stables?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  /** Absent: the plugin gives no detailed diff (the engine then makes its own). By property path. */
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: DiffKind; readonly inputDiff?: boolean }>>;
}

export interface CreateAnswer {
  /** Empty in a preview. */
  readonly id: string;
  readonly properties: Props;
}

/** An empty `id` says that the resource is gone. */
export interface ReadAnswer {
  readonly id: string;
  readonly properties?: Props;
  readonly inputs?: Props;
}

export interface UpdateAnswer {
  readonly properties: Props;
}

type Awaitable<T> = T | Promise<T>;

/** One resource type of a stand-in. `Context` is what the stand-in's `configure` made. */
export interface ResourceHandler<Context> {
  /** Every input property that is supported. Any other is refused by name, before the handler sees it. */
  readonly inputs: readonly string[];
  check(request: CheckRequest, context: Context): Awaitable<CheckAnswer>;
  diff(request: DiffRequest, context: Context): Awaitable<DiffAnswer>;
  create(request: CreateRequest, context: Context): Awaitable<CreateAnswer>;
  read(request: ReadRequest, context: Context): Awaitable<ReadAnswer>;
  /** Absent: every change of this type is a replacement. */
  update?(request: UpdateRequest, context: Context): Awaitable<UpdateAnswer>;
  delete(request: DeleteRequest, context: Context): Awaitable<void>;
}

/** A function of a stand-in: what it says of what the arguments name. */
export interface FunctionHandler<Context> {
  /** Every argument that is supported. Any other is refused by name. */
  readonly inputs: readonly string[];
  invoke(args: Props, context: Context): Awaitable<Props>;
}

/** What a plugin announces when it is configured. */
export interface Capabilities {
  readonly acceptSecrets?: boolean;
  readonly supportsPreview?: boolean;
  readonly acceptResources?: boolean;
  readonly supportsAutonamingConfiguration?: boolean;
}

/** A provider that takes the place of a real plugin, for the resource types the program uses. */
export interface StandIn<Context> {
  readonly name: string;
  readonly version: string;
  readonly capabilities: Capabilities;
  readonly resources: Readonly<Record<string, ResourceHandler<Context>>>;
  /** By token; absent: it has none. */
  readonly functions?: Readonly<Record<string, FunctionHandler<Context>>>;
  /** Answers the checked provider arguments; secrets among them wrapped. */
  checkConfig(request: CheckRequest): CheckAnswer;
  /** Absent: no change of the provider's arguments replaces anything. */
  diffConfig?(request: Omit<DiffRequest, "id">): DiffAnswer | undefined;
  /** Must not connect to anything: a preview without a refresh has to work with no server. */
  configure(args: Props, variables: Readonly<Record<string, string>>): Context;
  /** Frees what the context holds. */
  close?(context: Context): Promise<void>;
}

/**
 * The resource exists but is not as asked: the engine keeps `id` and `properties` in the state, marks it, and calls
 * Update again next time.
 */
export class PartialFailure extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly properties: Props,
  ) {
    super(message);
  }
}

/** The inputs that `handler` does not know, each as a failure. Names that begin with `__` are the protocol's own. */
export function unsupportedInputs(
  handler: { readonly inputs: readonly string[] },
  type: string,
  inputs: { [key: string]: PropertyValue },
): CheckFailure[] {
  return Object.keys(inputs)
    .filter((key) => !key.startsWith("__") && !handler.inputs.includes(key))
    .map((property) => ({
      property,
      reason: `the rehearsal's stand-in for ${type} does not support the property '${property}'; it supports ${[...handler.inputs].sort().join(", ")}`,
    }));
}
