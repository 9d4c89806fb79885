import { UNPRINTABLE } from "../../domain/printable";

/** Characters that show nothing, though they are neither control characters nor spaces. */
const BLANK = /\p{Default_Ignorable_Code_Point}|\u2800/gu;

/** Longer runs do not delimit code everywhere: GitHub's parser accepts at most 80. */
const TOO_MANY_BACKTICKS = /`{9,}/g;

/**
 * A text that somebody else wrote as code on one line: nothing in it acts as markup, mention or reference, and nothing in it ends
 * the code. A character that is invisible, or turns the direction of what follows, is written as its code point.
 */
export function code(text: string): string {
  const safe = visible(text);
  const fence = "`".repeat(longestRun(safe) + 1);
  const pad = /^[` ]|[` ]$/.test(safe) || safe === "" ? " " : "";
  return `${fence}${pad}${safe}${pad}${fence}`;
}

/** The same of several lines. */
export function codeBlock(text: string, indent = ""): string {
  const shown = visibleLines(text);
  const fence = "`".repeat(Math.max(3, longestRun(shown) + 1));
  return [`${fence}text`, ...shown.split("\n"), fence].map((line) => `${indent}${line}`.trimEnd()).join("\n");
}

/** Several lines as a block of code shows them. Tabs stay. */
export function visibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split("\t").map(visible).join("\t"))
    .join("\n");
}

/** Of a printed text that a comment shows; a fleet's trials can be long. */
const MOST_CHARACTERS = 8_000;

/** What a command has printed, cut to what a comment has room for: whole lines, from the first on. */
export function shortened(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const cut = text.slice(0, MOST_CHARACTERS);
  return `${cut.slice(0, Math.max(0, cut.lastIndexOf("\n")))}\n… the rest is in the run …`;
}

/** A text to be unfolded. `summary` is HTML, so it may hold only what this program wrote. */
export function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** GitHub's coloured box: red, or yellow. */
export function alert(kind: "CAUTION" | "WARNING", body: string): string {
  return `> [!${kind}]\n${body.replace(/^/gm, "> ").replace(/^> $/gm, ">")}`;
}

/** With every character that a reader cannot see as it is, also spaces of other widths, written as its code point. */
function visible(text: string): string {
  return (
    text
      .replace(UNPRINTABLE, codePoint)
      .replace(/(?! )\p{Z}/gu, codePoint)
      .replace(BLANK, codePoint)
      // A workflow finds its comment by a hidden line, and must not find one in a value.
      .replaceAll("<!--", "<\\u{21}--")
      .replace(TOO_MANY_BACKTICKS, (run) => `\\u{60}`.repeat(run.length))
  );
}

function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}
