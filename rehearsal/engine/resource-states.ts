import type { Props } from "../protocol/property-values";
import type { Change } from "./diff";
import type { Goal } from "./goal";
import type { ProviderClient } from "./provider-client";
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

export function recorded(resource: ResourceState): { inputs: Props; outputs: Props } {
  return { inputs: resource.inputs ?? {}, outputs: resource.outputs ?? {} };
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
  const created = old?.created ?? at;
  const modified = at ?? old?.modified;
  return {
    urn,
    custom: true,
    ...(made.id === undefined ? {} : { id: made.id }),
    type: goal.type,
    inputs,
    ...(made.outputs === undefined ? {} : { outputs: made.outputs }),
    ...(goal.parent === "" ? {} : { parent: goal.parent }),
    ...(goal.protect ? { protect: true } : {}),
    ...(goal.dependencies.length > 0 ? { dependencies: goal.dependencies } : {}),
    provider: reference,
    propertyDependencies: goal.propertyDependencies,
    ...(goal.additionalSecretOutputs.length > 0 ? { additionalSecretOutputs: goal.additionalSecretOutputs } : {}),
    ...(Object.keys(goal.customTimeouts).length > 0 ? { customTimeouts: goal.customTimeouts } : {}),
    ...(old?.importID === undefined ? {} : { importID: old.importID }),
    ...(goal.retainOnDelete ? { retainOnDelete: true } : {}),
    ...(goal.deletedWith === "" ? {} : { deletedWith: goal.deletedWith }),
    ...(goal.ignoreChanges.length > 0 ? { ignoreChanges: goal.ignoreChanges } : {}),
    ...(created === undefined ? {} : { created }),
    ...(modified === undefined ? {} : { modified }),
  };
}
