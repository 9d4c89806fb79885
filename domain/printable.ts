/** Makes texts that somebody else chose fit for a terminal and a log. */

const MOST_CHARACTERS = 500;

/**
 * A character that a terminal or a log acts on, and the first one of `<{%`: what stands between that and `%}>` Pulumi's command line
 * takes for a colour, and ends itself when it knows none of that name.
 */
export const UNPRINTABLE = /[\p{C}\u2028\u2029]|<(?=\{%)/gu;

/**
 * A text that somebody else chose, as an object's name or a server's message, fit for a terminal and a log: on one line, with no
 * character that either would act on, and of bounded length.
 */
export function printable(text: string): string {
  const cut = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return cut.replace(UNPRINTABLE, escapeCharacter);
}

/** A text of our own that may quote what somebody else wrote: of any length and with its line breaks, otherwise as `printable`. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE, (character) => (character === "\n" ? character : escapeCharacter(character)));
}

/** The character as `\u{1b}`. */
export function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** How many names a message lists. */
export const LISTED = 5;

/**
 * Names for a message, fit for a terminal: the first five of them, and how many more there are.
 *
 * @param total How many there are in all, when `names` holds only the first.
 */
export function printableList(names: readonly string[], total = names.length): string {
  const more = total > LISTED ? ` and ${total - LISTED} more` : "";
  return `${names.slice(0, LISTED).map(printable).join(", ")}${more}`;
}
