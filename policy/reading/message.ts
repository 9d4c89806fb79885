const MAX_LENGTH = 160;

/** Includes the first character of `<{%`, which Pulumi's command line takes for a colour: it ends when it knows none of that name. */
const UNPRINTABLE = /[\p{C}\u2028\u2029]|<(?=\{%)/gu;

/**
 * A value of a resource, as a message may show it: as JSON, cut, and with nothing in it that a terminal or a comment would obey. Not
 * for what may be a secret.
 */
export function forMessage(value: unknown): string {
  if (value === undefined || value === null) return "not set";
  const text = JSON.stringify(value);
  return printable(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text);
}

/** A text without anything that a terminal or Pulumi's command line would obey. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
