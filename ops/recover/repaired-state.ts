import { withKnownReferences } from "../stack/known-references";
import type { ExportedResource, StackExport } from "../stack/stack-access";
import type { TakeIn } from "./plan";

/**
 * Marks a resource that is to be read again. It stands where Pulumi keeps why the last change of a resource stopped half-way: reading
 * the resource removes the mark, and until then every `up` changes the resource once more, so a forgotten mark does no harm.
 */
const UNREAD = "an interrupted run may have changed it: `npx b2b-tenants recover` reads it again";

export function isUnread(resource: ExportedResource): boolean {
  const { initErrors } = resource;
  return Array.isArray(initErrors) && initErrors.includes(UNREAD) && !resource.delete;
}

/** The state without its interrupted operations, with what is added, and with marks on what is to be read again. */
export function repairedState(state: StackExport, added: readonly TakeIn[], unread: ReadonlySet<string>): StackExport {
  const { pending_operations: _, resources: before = [], ...rest } = state.deployment;
  const replaced = new Set(added.map(({ resource }) => resource.urn));
  const resources = before.map((resource) => {
    if (resource.delete) return resource;
    // The interrupted creation was part of a replacement: the next `up` deletes what it was to replace.
    if (replaced.has(resource.urn)) return { ...resource, delete: true };
    return unread.has(resource.urn) ? { ...resource, initErrors: [UNREAD] } : resource;
  });
  for (const taken of inOrder(added)) {
    resources.push(takenIn(taken, new Set(resources.map(({ urn }) => urn))));
  }
  return { ...state, deployment: { ...rest, resources } };
}

/** Pulumi requires a resource to come after what it depends on; the list of interrupted operations has no order. */
function inOrder(takenIn: readonly TakeIn[]): TakeIn[] {
  const waiting = [...takenIn];
  const ordered: TakeIn[] = [];
  while (waiting.length > 0) {
    const urns = new Set(waiting.map(({ resource }) => resource.urn));
    const ready = waiting.findIndex(({ resource }) => !dependencies(resource).some((urn) => urns.has(urn)));
    ordered.push(...waiting.splice(Math.max(ready, 0), 1));
  }
  return ordered;
}

function dependencies(resource: ExportedResource): readonly string[] {
  const byProperty = Object.values((resource.propertyDependencies ?? {}) as Record<string, readonly string[]>);
  const own = (resource.dependencies ?? []) as readonly string[];
  return [...own, ...byProperty.flat()].filter((urn) => urn !== resource.urn);
}

/** The resource as it was to be created, with the mark, since what only the provider knows is still missing. */
function takenIn({ resource, id, holdsData }: TakeIn, known: ReadonlySet<string>): ExportedResource {
  return {
    ...withKnownReferences(resource, (urn) => known.has(urn)),
    id,
    outputs: resource.outputs ?? resource.inputs ?? {},
    initErrors: [UNREAD],
    // `up` removes the protection from what the program declares; what nothing declares is not deleted without a backup.
    ...(holdsData ? { protect: true } : {}),
  };
}
