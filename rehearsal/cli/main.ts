import { FileErrors } from "../../domain/file-errors";
import { UsageError } from "../../domain/usage-error";
import type { Output } from "../../ops/output";
import { interruptedMessage } from "../display/interrupted";
import { InterruptedRun } from "../engine/engine";
import { ServerError } from "../servers/server-error";
import { runStory } from "../story/story";
import { type Arguments, parseArguments, USAGE } from "./arguments";
import * as commands from "./commands";

const OUTPUT: Output = {
  print: (line) => process.stdout.write(`${line}\n`),
  report: (line) => process.stderr.write(`${line}\n`),
};

// A reader that goes away, as `head` does, must not end a deployment half-way.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

const RUN = {
  story: runStory,
  up: commands.runUp,
  preview: commands.runPreview,
  refresh: commands.runRefresh,
  destroy: commands.runDestroy,
  outputs: commands.runOutputs,
  boot: commands.runBoot,
  psql: commands.runPsql,
  stop: commands.runStop,
} as const;

async function main(): Promise<number> {
  const args = parseArguments(process.argv.slice(2));
  if (args === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  try {
    return await RUN[args.command](args, OUTPUT, interruption());
  } catch (error) {
    return explained(error, args);
  }
}

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

function explained(error: unknown, args: Arguments): number {
  if (error instanceof FileErrors) {
    OUTPUT.report(error.message);
    return 2;
  }
  if (error instanceof InterruptedRun) {
    OUTPUT.report(interruptedMessage(error.operations, args));
    return 1;
  }
  if (error instanceof UsageError) throw error;
  // A defect of the rehearsal itself is told with its place; everything else says by itself what to do.
  OUTPUT.report(error instanceof ServerError ? error.message : `error: ${(error as Error).message}`);
  if (process.env.REHEARSAL_DEBUG !== undefined) OUTPUT.report(String((error as Error).stack));
  return 1;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: Error) => {
    if (error instanceof UsageError) {
      OUTPUT.report(`${error.message}\nAll commands and options: npm run rehearse -- --help`);
      process.exitCode = 2;
      return;
    }
    throw error;
  },
);
