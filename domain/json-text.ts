/**
 * What JSON leaves as it is, and a terminal acts on or shows as something else: control characters beyond ASCII, and those that
 * turn the direction of what follows.
 */
const UNSAFE = /[\u007f-\u009f\u2028\u2029\p{Cf}]/gu;

/** As JSON.stringify, with nothing in it that a terminal acts on: names in it are anybody's. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(UNSAFE, (character) =>
    Array.from({ length: character.length }, (_, index) => escaped(character.charCodeAt(index))).join(""),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
