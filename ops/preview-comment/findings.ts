import { codeBlock, shortened } from "../ci/markdown";

/**
 * What the linter of migrations has found, or a trial of them, as they have printed it; empty where they have printed nothing.
 *
 * @param texts What each of them printed.
 */
export function findingsText(texts: readonly string[]): string {
  const told = texts.map((text) => text.trim()).filter(Boolean);
  if (told.length === 0) return "";
  return ["**What was found in the migrations**", ...told.map((text) => codeBlock(shortened(text)))].join("\n\n");
}
