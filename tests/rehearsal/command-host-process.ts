/** The process of `hostedCommand`: runs each command line that it is sent as `cli/main.ts` does, and answers with what came of it. */
import { program } from "../../cli/program";
import { runCommand } from "../../cli/run-command";

const said = { stdout: "", stderr: "" };
for (const name of ["stdout", "stderr"] as const) {
  // Each command listens to them anew.
  process[name].setMaxListeners(0);
  process[name].write = (text: string | Uint8Array) => {
    said[name] += text;
    return true;
  };
}

process.on("message", async (argv: string[]) => {
  Object.assign(said, { stdout: "", stderr: "" });
  process.exitCode = 0;
  await runCommand(program(argv[0]), argv);
  process.send?.({ ...said, status: process.exitCode });
});
process.on("disconnect", () => process.exit());
