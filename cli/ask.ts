import { once } from "node:events";
import { createInterface, type Interface } from "node:readline/promises";

/** Whether there is somebody to ask; who has redirected the results can still be. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on the terminal; anything but a yes is a no. Nobody is asked who cannot answer, and that is a no too. */
export async function ask(question: string): Promise<boolean> {
  if (!canAsk()) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // A terminal that goes away closes it, and leaves the question open.
    const gone = once(terminal, "close").then(() => "");
    const answer = await Promise.race([answerTo(`${question} [y/N] `, terminal), gone]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

/** Ctrl-C and Ctrl-D are an answer too, a no. */
async function answerTo(question: string, terminal: Interface): Promise<string> {
  try {
    return await terminal.question(question);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ABORT_ERR") throw error;
    // What is said next begins on a line of its own.
    process.stderr.write("\n");
    return "";
  }
}
