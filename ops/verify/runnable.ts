import { UNPRINTABLE } from "../../domain/printable";

/** What is quoted in SQL, as names and texts are by `quote_ident`, `quote_literal` and pg's functions. */
const QUOTED = /"(?:[^"]|"")*"|E'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'/g;

/**
 * A statement fit for a terminal and a log that does the same where it is pasted: on one line, whole, and what somebody put into a name
 * for the terminal to act on is written as PostgreSQL's own escapes, `U&"\000a"`.
 */
export function runnable(statement: string): string {
  const quoted = statement.replace(QUOTED, (token) => (token.search(UNPRINTABLE) < 0 ? token : escaped(token)));
  // What is in no quotes is nobody's name.
  return quoted.replace(UNPRINTABLE, " ");
}

function escaped(token: string): string {
  const text = token.startsWith("E") ? token.slice(1).replace(/\\([\s\S])/g, "$1") : token;
  return `U&${text.replaceAll("\\", "\\\\").replace(UNPRINTABLE, unicodeEscape)}`;
}

function unicodeEscape(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\+${code.padStart(6, "0")}` : `\\${code.padStart(4, "0")}`;
}
