import { errorMessage } from "../../database/error-message";
import { FileErrors } from "../../domain/file-errors";
import { UsageError } from "../../domain/usage-error";
import type { Output, Status } from "../../ops/output";
import { interruptedMessage } from "../display/interrupted";
import { InterruptedRun } from "../engine/engine";
import { ServerError } from "../servers/server-error";
import type { Processes } from "../session/session-options";
import { runStory } from "../story/story";
import { type Arguments, parseArguments, USAGE } from "./arguments";
import * as commands from "./commands";

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

/** Carries out a command line to its exit status. A user's mistake and a failure are told in words. */
export async function runRehearsal(
  argv: readonly string[],
  output: Output,
  signal: AbortSignal,
  processes?: Processes,
): Promise<Status> {
  let args: Arguments | "help";
  try {
    args = parseArguments(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return wrongUsage(error, output);
  }
  if (args === "help") {
    output.print(USAGE.trimEnd());
    return 0;
  }
  try {
    return await RUN[args.command]({ ...args, processes }, output, signal);
  } catch (error) {
    return explained(error, args, output);
  }
}

function explained(error: unknown, args: Arguments, output: Output): Status {
  if (error instanceof UsageError) return wrongUsage(error, output);
  if (error instanceof FileErrors) {
    output.report(error.message);
    return 2;
  }
  if (error instanceof InterruptedRun) {
    output.report(interruptedMessage(error.operations, args.stack, args));
    return 1;
  }
  // A defect of the rehearsal itself is told with its place; everything else says by itself what to do.
  output.report(error instanceof ServerError ? error.message : `error: ${errorMessage(error)}`);
  if (process.env.REHEARSAL_DEBUG !== undefined) output.report(String((error as Error).stack));
  return 1;
}

function wrongUsage({ message }: UsageError, output: Output): Status {
  output.report(`${message}\nAll commands and options: npm run rehearse -- --help`);
  return 2;
}
