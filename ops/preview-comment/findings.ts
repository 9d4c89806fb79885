import { codeBlock } from "../ci/markdown";

/** Of each text; a fleet's trials can be long. */
const MOST_CHARACTERS = 8_000;

/**
 * What the linter of migrations has found, or a trial of them, as they have printed it; empty where they have printed nothing.
 *
 * @param texts Of each of them.
 */
export function findingsText(texts: readonly string[]): string {
  const told = texts.map((text) => text.trim()).filter(Boolean);
  if (told.length === 0) return "";
  return ["**What was found in the migrations**", ...told.map((text) => codeBlock(shortened(text)))].join("\n\n");
}

/** Whole lines, from the first on. */
function shortened(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const cut = text.slice(0, MOST_CHARACTERS);
  return `${cut.slice(0, Math.max(0, cut.lastIndexOf("\n")))}\n… the rest is in the run …`;
}
