import { FaultsError } from "../domain/fault";
import { UsageError } from "../domain/usage-error";

/** Exit status of a command: done; something does not hold or could not be done; wrong usage, settings or tenant files. */
export type Status = 0 | 1 | 2;

/** What a command writes to: results to `print`, what happens meanwhile to `report`. */
export interface Output {
  print(text: string): void;
  report(line: string): void;
}

const OUTPUT: Output = {
  print: (text) => process.stdout.write(`${text}\n`),
  report: (line) => process.stderr.write(`${line}\n`),
};

/** Runs a command as this process: its errors are told in words, and become its exit status. */
export function runCommand(name: string, command: (argv: readonly string[], output: Output) => Promise<Status>): void {
  // A reader that goes away, as `head` does, must not end a repair half-way.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
  command(process.argv.slice(2), OUTPUT)
    .catch((error: unknown) => explained(name, error))
    .then((status) => {
      process.exitCode = status;
    });
}

function explained(name: string, error: unknown): Status {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) {
    OUTPUT.report(`${message}\nAll options: npm run ${name} -- --help`);
    return 2;
  }
  if (error instanceof FaultsError) {
    OUTPUT.report(message);
    return 2;
  }
  OUTPUT.report(`error: ${message}`);
  return 1;
}
