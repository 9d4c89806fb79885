/** States and steps of resources, made from their goals. */
import type { Props } from "../protocol/property-values";
import type { Change } from "./diff";
import type { Goal } from "./goal";
import type { ProviderClient, Recorded } from "./provider-client";
import type { ResourceState } from "./state";
import type { Step, StepOp } from "./step";
import type { Urn } from "./urn";

/** Everything that bringing one resource to its goal needs. */
export interface Subject {
  readonly urn: Urn;
  readonly goal: Goal;
  readonly old: ResourceState | undefined;
  /** `<urn>::<id>` of its provider. */
  readonly reference: string;
  readonly client: ProviderClient;
}

export function recorded(resource: ResourceState): Recorded {
  return { inputs: resource.inputs ?? {}, outputs: resource.outputs ?? {} };
}

/** The present, as states write it. */
export function now(): string {
  return new Date().toISOString();
}

export function stepOf(
  op: StepOp,
  urn: Urn,
  old: ResourceState | undefined,
  next: ResourceState | undefined,
  change: Change | undefined,
): Step {
  const replacing = op === "replace" || op === "create-replacement";
  return {
    op,
    urn,
    old,
    next,
    diffReasons: change?.diffReasons,
    replaceReasons: replacing ? change?.replaceReasons : undefined,
    detailedDiff: change?.detailed,
  };
}

/** The state that the goal asks for. `made` is what is known of it yet; `at`, when it was made or changed, ISO 8601. */
export function stateOf(
  { urn, goal, reference }: Subject,
  inputs: Props,
  made: { id?: string | undefined; outputs?: Props | undefined },
  old?: ResourceState,
  at?: string,
): ResourceState {
  const { deletedWith, ignoreChanges } = goal;
  return {
    urn,
    custom: true,
    type: goal.type,
    inputs,
    ...optionsOf(goal),
    provider: reference,
    propertyDependencies: goal.propertyDependencies,
    ...present({ ...made, deletedWith, ignoreChanges, importID: old?.importID }),
    ...present({ created: old?.created ?? at, modified: at ?? old?.modified }),
  };
}

/** What the state of a resource of any kind keeps of its goal. */
export function optionsOf({ parent, protect, dependencies, additionalSecretOutputs }: Goal): Partial<ResourceState> {
  return present({ parent, protect, dependencies, additionalSecretOutputs });
}

type Fields = { readonly [Name in keyof ResourceState]?: ResourceState[Name] | undefined };

/** The fields that are neither empty nor false: Pulumi does not write these. */
function present(fields: Fields): Partial<ResourceState> {
  const written = Object.entries(fields).filter(
    ([, value]) => Boolean(value) && (!Array.isArray(value) || value.length > 0),
  );
  return Object.fromEntries(written);
}
