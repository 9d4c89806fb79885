/** The process of `hostedCommand`: runs each command line that it is sent as `cli/main.ts` does, and answers with what came of it. */
import { program } from "../../cli/program";
import { runCommand } from "../../cli/run-command";

const said = { stdout: "", stderr: "" };
for (const name of ["stdout", "stderr"] as const) {
  process[name].write = (text: string | Uint8Array) => {
    said[name] += text;
    return true;
  };
}

/** A move runs the engine some ten times: what that starts outlives the run, here as in the tests' own processes. */
function shareProcesses(): void {
  const { SHARED } = require("./shared-processes") as typeof import("./shared-processes");
  const place = require.resolve("../../rehearsal/session/movable-stacks");
  const movable = require(place) as typeof import("../../rehearsal/session/movable-stacks");
  const withRehearsedMoves: typeof movable.withRehearsedMoves = (stacks, home, report, work) =>
    movable.withRehearsedMoves(stacks, home, report, work, SHARED);
  Object.assign(require.cache[place] as NodeJS.Module, { exports: { ...movable, withRehearsedMoves } });
}

let shared = false;

process.on("message", async (argv: string[]) => {
  if (argv[0] === "move" && !shared) {
    shareProcesses();
    shared = true;
  }
  Object.assign(said, { stdout: "", stderr: "" });
  process.exitCode = 0;
  await runCommand(program(argv[0]), argv);
  process.send?.({ ...said, status: process.exitCode });
});
process.on("disconnect", () => process.exit());
