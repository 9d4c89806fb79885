import type { ResourceState } from "./state";
import type { Urn } from "./urn";

/** The URNs that must not be deleted before `resource` is. */
export function prerequisitesOf(resource: ResourceState): Set<Urn> {
  const urns = new Set<Urn>(resource.dependencies ?? []);
  for (const list of Object.values(resource.propertyDependencies ?? {})) {
    for (const urn of list) urns.add(urn);
  }
  if (resource.parent !== undefined) urns.add(resource.parent);
  if (resource.deletedWith !== undefined) urns.add(resource.deletedWith);
  if (resource.provider !== undefined) urns.add(resource.provider.slice(0, resource.provider.lastIndexOf("::")));
  return urns;
}

/**
 * Orders deletions: each level holds the resources that nothing in a later level depends on, so that a level can be deleted
 * at once when the one before is gone.
 */
export function deletionLevels(resources: readonly ResourceState[]): ResourceState[][] {
  const levels: ResourceState[][] = [];
  let left = [...resources].reverse();
  while (left.length > 0) {
    const needed = new Set<Urn>();
    for (const resource of left) {
      for (const urn of prerequisitesOf(resource)) {
        if (urn !== resource.urn) needed.add(urn);
      }
    }
    const level = left.filter((resource) => !needed.has(resource.urn));
    if (level.length === 0) throw new Error(`the state has a circle of dependencies through ${left[0]?.urn}`);
    levels.push(level);
    const gone = new Set(level);
    left = left.filter((resource) => !gone.has(resource));
  }
  return levels;
}

export function protectedMessage(urn: Urn): string {
  return (
    `resource ${urn} cannot be deleted because it is protected. ` +
    "To unprotect it, remove the `protect` option from it in the program and run `up`"
  );
}
