/** What a process does that the engine starts as a plugin. */

const PARENT_CHECK_MS = 100;
const parent = process.ppid;

/**
 * Prints the port as the first line of stdout, as the protocol has it, and lives until it is told to stop or until whoever started
 * it is gone: a killed engine must not leave plugins behind.
 */
export function announce(port: number): void {
  process.stdout.write(`${port}\n`);
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_MS).unref();
  process.once("SIGTERM", () => process.exit(0));
  process.once("SIGINT", () => process.exit(0));
}
