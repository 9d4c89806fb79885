/** Turns the bytes of a tenant file into text, and refuses characters that a reviewer would not see. */
import { isUtf8 } from "node:buffer";

/** Far above any honest tenant file, far below what could keep a parser busy. */
export const MAX_FILE_BYTES = 16 * 1024;

/**
 * What may not stand anywhere in a file, comments included: control characters other than tab and line feed, line breaks
 * that only some programs see (lone CR, NEL, U+2028, U+2029), and invisible characters that make a reviewer read another
 * text than the parser does (bidirectional controls, zero-width characters, byte order marks).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]|\r(?!\n)|\p{Cf}/u;

export type SourceText =
  | { readonly text: string }
  | { readonly line: number; readonly column: number; readonly problem: string };

/** Decodes a file, or says where it stops being plain text. */
export function decodeSource(bytes: Uint8Array): SourceText {
  if (bytes.length > MAX_FILE_BYTES) {
    return at("", `the file is larger than a tenant file may be; allowed: at most ${MAX_FILE_BYTES} bytes`);
  }
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return at("", "the file starts with a byte order mark; allowed: UTF-8 without one");
  }
  if (!isUtf8(bytes)) return { ...firstInvalidLine(bytes), problem: "not valid UTF-8; allowed: UTF-8 text" };
  const text = new TextDecoder().decode(bytes);
  const found = FORBIDDEN.exec(text);
  if (found) {
    const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return at(text.slice(0, found.index), `invisible or control character U+${code}; allowed: visible text`);
  }
  return { text };
}

function at(before: string, problem: string): SourceText {
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1, problem };
}

/** A line feed is never part of a longer UTF-8 sequence, so each line is valid or not on its own. */
function firstInvalidLine(bytes: Uint8Array): { line: number; column: number } {
  let start = 0;
  for (let line = 1; ; line++) {
    const end = bytes.indexOf(0x0a, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return { line, column: 1 };
    start = end + 1;
  }
}
