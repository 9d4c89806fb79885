/** The protocol has two ways to say that a property is not there. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
