/**
 * What `check` says, or nothing where it reads a value that only the update will know.
 *
 * @throws whatever else the check throws
 */
export function ifKnown(check: () => readonly string[]): readonly string[] {
  try {
    return check();
  } catch (error) {
    // The SDK keeps the class of this error to itself.
    if (error instanceof Error && "unknownTypeSentinel" in error) return [];
    throw error;
  }
}

/** What `check` says of each element of a list; one that is not known yet hides none of the others. */
export function ofEach(list: readonly unknown[], check: (element: unknown) => readonly string[]): string[] {
  // By index: reading the element is what throws.
  return Array.from({ length: list.length }, (_, index) => ifKnown(() => check(list[index]))).flat();
}
