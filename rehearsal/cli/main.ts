/** The process of `npm run rehearse`. */
import { outliveReaders } from "../../ops/outlive-readers";
import type { Output } from "../../ops/output";
import { runRehearsal } from "./run-rehearsal";

const OUTPUT: Output = {
  print: (line) => process.stdout.write(`${line}\n`),
  report: (line) => process.stderr.write(`${line}\n`),
};

outliveReaders();
// A closed terminal is no wish to stop.
process.on("SIGHUP", () => {});

/** The first Ctrl-C lets what is under way finish; the second ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      OUTPUT.report("Stopping when what is under way is finished. Interrupt once more to stop at once.");
      controller.abort();
      process.once(name, () => process.exit(1));
    });
  }
  return controller.signal;
}

void runRehearsal(process.argv.slice(2), OUTPUT, interruption()).then((status) => {
  process.exitCode = status;
});
