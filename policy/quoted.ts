const MOST_CHARACTERS = 120;

/** What a terminal or a log acts on, and the first character of `<{%`, which Pulumi's command line takes for a colour. */
const UNPRINTABLE = /[\p{C}\u2028\u2029]|<(?=\{%)/gu;

/** A value of a resource, for a message: anybody may have chosen it. A text is quoted, cut, and fit to be printed. Not for secrets. */
export function quoted(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "string") return kindOf(value);
  const cut = value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value;
  return JSON.stringify(cut).replace(
    UNPRINTABLE,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function kindOf(value: unknown): string {
  if (isAbsent(value)) return "nothing";
  return Array.isArray(value) ? "a list" : "an object";
}

/** The protocol has two ways to say that a property is not there. */
export function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}
