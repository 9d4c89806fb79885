import { type Deployment, DeploymentStopped } from "./deployment";
import { decide } from "./diff";
import { markSecretProperties } from "./property-values";
import type { PendingOperation, ResourceState } from "./state";
import type { Step } from "./step";
import { isProviderType, type Urn } from "./urn";

/**
 * Finds the id of what an interrupted creation may have left behind, as the real world knows it.
 * `known` holds the ids of that type which the state has already. Undefined: nothing was left.
 */
export type FindInterrupted = (resource: ResourceState, known: ReadonlySet<string>) => Promise<string | undefined>;

/** Reads every resource again and makes the state say what is really there; what is gone is forgotten. */
export async function refresh(
  deployment: Deployment,
  pending: readonly PendingOperation[],
  find: FindInterrupted,
): Promise<void> {
  const { known, snapshot } = deployment;
  const gone = new Set<Urn>();
  const reading = known.filter(isProvided).map((resource) =>
    refreshOne(deployment, resource, gone).catch((error: Error) => {
      if (!(error instanceof DeploymentStopped)) {
        deployment.fail(resource.urn, error.message);
      }
    }),
  );
  await Promise.all(reading);
  for (const resource of snapshot.current().resources) {
    const pruned = withoutReferencesTo(resource, gone);
    if (pruned !== resource) {
      await snapshot.settle(resource, pruned);
    }
  }
  await adoptInterrupted(deployment, pending, find);
}

function isProvided(resource: ResourceState): boolean {
  return resource.custom && !isProviderType(resource.type);
}

async function refreshOne(deployment: Deployment, resource: ResourceState, gone: Set<Urn>): Promise<void> {
  const { snapshot } = deployment;
  const olds = { inputs: resource.inputs ?? {}, outputs: resource.outputs ?? {} };
  const next = await deployment.limited(async () => {
    const client = await deployment.providers.get(resource.provider ?? "", deployment.known);
    const found = await client.read(resource.urn, resource.id ?? "", olds);
    if (found.id === undefined) {
      return undefined;
    }
    const outputs = markSecretProperties(found.properties, resource.additionalSecretOutputs ?? []);
    const inputs = found.inputs ?? olds.inputs;
    const answer = await client.diff(resource.urn, found.id, { inputs, outputs }, olds.inputs, []);
    const { initErrors: _, ...rest } = resource;
    return {
      state: { ...rest, id: found.id, inputs, outputs },
      change: decide(answer, inputs, olds.inputs, NO_OPTIONS),
    };
  });
  const step: Step = {
    op: next === undefined ? "delete" : next.change.action === "same" ? "same" : "refresh",
    urn: resource.urn,
    old: resource,
    next: next?.state,
    diffReasons: next?.change.diffReasons,
    detailedDiff: next?.change.detailed,
    withoutCall: undefined,
  };
  deployment.observer.planned?.(step);
  if (next === undefined) {
    gone.add(resource.urn);
    await snapshot.settle(resource, undefined);
  } else {
    await snapshot.amend(resource, next.state);
  }
  deployment.observer.done?.(step);
}

const NO_OPTIONS = { replaceOnChanges: [], deleteBeforeReplace: undefined };

function withoutReferencesTo(resource: ResourceState, gone: ReadonlySet<Urn>): ResourceState {
  const lists = Object.values(resource.propertyDependencies ?? {});
  const all = [...(resource.dependencies ?? []), ...lists.flat(), resource.deletedWith ?? ""];
  if (!all.some((urn) => gone.has(urn))) {
    return resource;
  }
  const keep = (urns: readonly Urn[]) => urns.filter((urn) => !gone.has(urn));
  const { deletedWith, ...rest } = resource;
  return {
    ...rest,
    dependencies: keep(resource.dependencies ?? []),
    propertyDependencies: Object.fromEntries(
      Object.entries(resource.propertyDependencies ?? {}).map(([key, urns]) => [key, keep(urns)]),
    ),
    ...(deletedWith === undefined || gone.has(deletedWith) ? {} : { deletedWith }),
  };
}

/**
 * Takes into the state what interrupted creations left. Their recorded inputs are kept, so that the next `up` changes only
 * what really differs.
 */
async function adoptInterrupted(
  deployment: Deployment,
  pending: readonly PendingOperation[],
  find: FindInterrupted,
): Promise<void> {
  for (const { resource } of pending.filter(({ type }) => type === "creating" || type === "importing")) {
    const ids = deployment.known.filter((state) => state.type === resource.type).map((state) => state.id ?? "");
    const id = await find(resource, new Set(ids));
    if (id === undefined) {
      continue;
    }
    const client = await deployment.providers.get(resource.provider ?? "", deployment.known);
    const found = await client.read(resource.urn, id, {});
    if (found.id === undefined) {
      continue;
    }
    const outputs = markSecretProperties(found.properties, resource.additionalSecretOutputs ?? []);
    const next: ResourceState = { ...resource, id: found.id, outputs };
    const step: Step = { op: "import", urn: resource.urn, next };
    deployment.observer.planned?.(step);
    const replaced = deployment.snapshot
      .current()
      .resources.find((state) => state.urn === resource.urn && !state.delete);
    if (replaced !== undefined) {
      await deployment.snapshot.amend(replaced, { ...replaced, delete: true });
    }
    await deployment.snapshot.settle(undefined, next);
    deployment.observer.done?.(step);
  }
}
