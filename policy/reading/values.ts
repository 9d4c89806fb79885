// Properties that may be absent, unknown before the update, or of a shape that nobody expects.

/** The protocol has two ways to say that a property is not there. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** Whether a property says no more than one that is left out. */
export function isUnset(value: unknown): boolean {
  return isAbsent(value) || value === false || value === "" || (Array.isArray(value) && value.length === 0);
}

/** A property that may be left out, or hold one value or a list of them. */
export function listed(value: unknown): readonly unknown[] {
  if (isAbsent(value)) return [];
  return Array.isArray(value) ? [...value] : [value];
}

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

/** What `check` says of each element of a list. One that is not known yet hides none of the others: reading it is what throws. */
export function ofEach(list: readonly unknown[], check: (element: unknown) => readonly string[]): string[] {
  return Array.from({ length: list.length }, (_, index) => ifKnown(() => check(list[index]))).flat();
}
