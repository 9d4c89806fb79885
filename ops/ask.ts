import { once } from "node:events";
import { createInterface } from "node:readline/promises";

/** Whether somebody is there to answer: who has redirected the results can still be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks on the terminal; anything but a yes is a no. Nobody is asked who cannot answer, and that is a no too. */
export async function ask(question: string): Promise<boolean> {
  if (!canAsk()) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // Ctrl-C and Ctrl-D close it, and mean no.
    const answer = await Promise.race([
      terminal.question(`${question} [y/N] `),
      once(terminal, "close").then(() => ""),
    ]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
