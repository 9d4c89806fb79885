const LONGEST = 160;

/** Also the first character of `<{%`, which Pulumi's command line takes for a colour, and ends itself when it knows none of that name. */
const UNPRINTABLE = /[\p{C}\u2028\u2029]|<(?=\{%)/gu;

/**
 * A value that was found in a resource, as a message may show it: quoted, cut, and with nothing in it that a terminal or a comment
 * would obey. Not for what may be a secret.
 */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  const text = JSON.stringify(value);
  return printable(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}

/** A text without anything that a terminal or Pulumi's command line would obey. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
