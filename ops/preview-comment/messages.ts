/** Texts of the engine, of providers and of policies, and lists of slugs, made fit for a comment. */
import { code } from "../ci/markdown";
import { withoutSecrets } from "../ci/without-secrets";

const MOST_LINES = 60;
const MOST_CHARACTERS = 6000;
const MOST_OF_A_LINE = 600;

/** A message without what the engine adds for a terminal, and without secrets. */
export function plainMessage(message: string): string {
  const text = message.replace(/<\{%[^%]*%\}>/g, "").replace(/\r\n?/g, "\n");
  return withoutSecrets(text.trim().replace(/^error: /, ""));
}

/** The beginning of a text, as long as a reader would read. */
export function beginning(text: string): string {
  const lines = text.slice(0, MOST_CHARACTERS).split("\n");
  const isCut = text.length > MOST_CHARACTERS || lines.length > MOST_LINES;
  return `${lines.slice(0, MOST_LINES).join("\n")}${isCut ? "… (cut)" : ""}`;
}

/** The beginning of a text on one line. */
export function oneLine(text: string): string {
  const line = text.replace(/\s*\n\s*/g, " ");
  return line.length > MOST_OF_A_LINE ? `${line.slice(0, MOST_OF_A_LINE)}… (cut)` : line;
}

/** The list of thousands has no place. */
const MOST_SLUGS = 200;

/** Slugs as Markdown, on one line, and how many are left out. */
export function slugList(slugs: readonly string[]): string {
  const more = slugs.length - MOST_SLUGS;
  return `${code(slugs.slice(0, MOST_SLUGS).join(", "))}${more > 0 ? ` and ${more} more` : ""}`;
}
