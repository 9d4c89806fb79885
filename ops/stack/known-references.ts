/** What a resource of a state may refer to others by. */
interface Referring {
  readonly parent?: string;
  readonly dependencies?: readonly string[];
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
  readonly deletedWith?: string;
}

/**
 * A resource without what it refers to that is not there: Pulumi refuses a state in which a resource refers to one that is missing.
 *
 * @param isKnown Whether a URN is one of the state's.
 */
export function withKnownReferences<Resource extends object>(
  resource: Resource,
  isKnown: (urn: string) => boolean,
): Resource {
  const { dependencies, propertyDependencies, deletedWith, parent, ...rest } = resource as Resource & Referring;
  const known: Referring = {
    ...(parent !== undefined && isKnown(parent) ? { parent } : {}),
    ...(dependencies && { dependencies: dependencies.filter(isKnown) }),
    ...(propertyDependencies && {
      propertyDependencies: Object.fromEntries(
        Object.entries(propertyDependencies).map(([property, urns]) => [property, urns.filter(isKnown)]),
      ),
    }),
    ...(deletedWith !== undefined && isKnown(deletedWith) ? { deletedWith } : {}),
  };
  return { ...rest, ...known } as Resource;
}
