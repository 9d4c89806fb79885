import { LineCounter, parseDocument } from "yaml";
import { FileErrors } from "./file-errors";
import { isNestedTooDeeply, syntaxProblem, TOO_DEEP } from "./yaml-syntax";

/**
 * What a stack's settings file says, as plain values. The text may hold secrets in clear, which no message quotes.
 *
 * @param name The file's name, for the message.
 * @throws FileErrors with the place of the first thing that is no valid YAML.
 */
export function parseSettings(text: string, name: string): unknown {
  if (isNestedTooDeeply(text)) throw new FileErrors([`${name}:1:1: ${TOO_DEEP}`]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: "error" });
  const problem = syntaxProblem(document);
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.offset);
    throw new FileErrors([`${name}:${line}:${col}: ${problem.message}`]);
  }
  try {
    return document.toJS();
  } catch {
    // More aliases than a reader lets itself be made to follow.
    throw new FileErrors([
      `${name}:1:1: aliases (*name) of a name that is not there, or too many of them; write the values out`,
    ]);
  }
}
