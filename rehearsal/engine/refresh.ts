import { markSecrets } from "../protocol/property-values";
import { decide } from "./diff";
import { type Run, RunStopped } from "./run";
import type { PendingOperation, ResourceState } from "./state";
import type { Step } from "./step";
import { isProviderType, type Urn } from "./urn";

/**
 * Finds the id of what an interrupted creation may have left behind, as the real world knows it.
 * `known` holds the ids of that type which the state has already. Undefined: nothing was left.
 */
export type FindInterrupted = (resource: ResourceState, known: ReadonlySet<string>) => Promise<string | undefined>;

/** Reads every resource again and makes the state say what is really there; what is gone is forgotten. */
export async function refresh(run: Run, pending: readonly PendingOperation[], find: FindInterrupted): Promise<void> {
  await refreshEach(run, run.known.filter(isProvided));
  await each(run, pending, (operation) => resolveInterrupted(run, operation, find));
}

/** Reads these resources again, as `pulumi refresh --target` does. */
export async function refreshOnly(run: Run, urns: ReadonlySet<Urn>): Promise<void> {
  await refreshEach(
    run,
    run.known.filter((resource) => isProvided(resource) && urns.has(resource.urn)),
  );
}

async function refreshEach(run: Run, resources: readonly ResourceState[]): Promise<void> {
  const { snapshot } = run;
  const gone = new Set<Urn>();
  await each(run, resources, (resource) => refreshOne(run, resource, gone));
  for (const resource of snapshot.current().resources) {
    const pruned = withoutReferencesTo(resource, gone);
    if (pruned !== resource) await snapshot.amend(resource, pruned);
  }
}

/** Does the work for all at once; what fails for one is told, and stops what has not begun. */
async function each<Item extends ResourceState | PendingOperation>(
  run: Run,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  await Promise.all(
    items.map((item) =>
      work(item).catch((error: Error) => {
        if (!(error instanceof RunStopped)) run.fail("resource" in item ? item.resource.urn : item.urn, error.message);
      }),
    ),
  );
}

function isProvided(resource: ResourceState): boolean {
  return resource.custom && !isProviderType(resource.type);
}

async function refreshOne(run: Run, resource: ResourceState, gone: Set<Urn>): Promise<void> {
  const { snapshot } = run;
  const olds = { inputs: resource.inputs ?? {}, outputs: resource.outputs ?? {} };
  const next = await run.limited(async () => {
    const client = await run.providers.get(resource.provider ?? "", run.known);
    const found = await client.read(resource.urn, resource.id ?? "", olds);
    if (found.id === undefined) return undefined;
    const outputs = markSecrets(found.properties, resource.additionalSecretOutputs ?? []);
    const inputs = found.inputs ?? olds.inputs;
    const answer = await client.diff(resource.urn, found.id, { inputs, outputs }, olds.inputs, []);
    const { initErrors: _, ...rest } = resource;
    return {
      state: { ...rest, id: found.id, inputs, outputs },
      change: decide(answer, inputs, olds.inputs),
    };
  });
  const step: Step = {
    op: next === undefined ? "delete" : next.change.action === "same" ? "same" : "refresh",
    urn: resource.urn,
    old: resource,
    next: next?.state,
    diffReasons: next?.change.diffReasons,
    detailedDiff: next?.change.detailed,
  };
  run.observer.planned?.(step);
  if (next === undefined) gone.add(resource.urn);
  await snapshot.amend(resource, next?.state);
  run.observer.done?.(step);
}

function withoutReferencesTo(resource: ResourceState, gone: ReadonlySet<Urn>): ResourceState {
  const lists = Object.values(resource.propertyDependencies ?? {});
  const all = [...(resource.dependencies ?? []), ...lists.flat(), resource.deletedWith ?? ""];
  if (!all.some((urn) => gone.has(urn))) return resource;
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
 * Takes into the state what an interrupted creation left, if anything. Its recorded inputs are kept, so that the next `up` changes
 * only what really differs. An interrupted update or deletion needs no more than the reading of its resource, done by now.
 */
async function resolveInterrupted(run: Run, operation: PendingOperation, find: FindInterrupted): Promise<void> {
  const { snapshot } = run;
  const { resource, type } = operation;
  const found = type === "creating" ? await run.limited(() => leftBy(run, resource, find)) : undefined;
  if (found === undefined) return snapshot.resolve(operation);
  const step: Step = { op: "import", urn: resource.urn, next: found };
  run.observer.planned?.(step);
  const before = snapshot.current().resources.find((state) => state.urn === resource.urn && !state.delete);
  const replaced = before === undefined ? undefined : { resource: before, discarded: { ...before, delete: true } };
  await snapshot.adopt(found, { operation, replaced });
  run.observer.done?.(step);
}

async function leftBy(run: Run, resource: ResourceState, find: FindInterrupted): Promise<ResourceState | undefined> {
  const ids = run.known.filter((state) => state.type === resource.type).map((state) => state.id ?? "");
  const id = await find(resource, new Set(ids));
  if (id === undefined) return undefined;
  const client = await run.providers.get(resource.provider ?? "", run.known);
  const found = await client.read(resource.urn, id, {});
  const outputs = markSecrets(found.properties, resource.additionalSecretOutputs ?? []);
  return found.id === undefined ? undefined : { ...resource, id: found.id, outputs };
}
