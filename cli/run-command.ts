import { type Command, CommanderError } from "commander";
import { FileErrors } from "../domain/file-errors";
import { UsageError } from "../domain/usage-error";
import { TaskLines } from "../ops/live-lines";
import type { Output, Status } from "../ops/output";

const TASKS = process.stderr.isTTY === true ? new TaskLines(process.stderr) : undefined;

export const OUTPUT: Output = {
  print: (text) => process.stdout.write(`${text}\n`),
  report: (line) => void (TASKS === undefined ? process.stderr.write(`${line}\n`) : TASKS.say(line)),
  ...(TASKS === undefined ? {} : { tasks: TASKS }),
};

/** Runs a command line as this process. This is the one exit: an error is told in words and becomes the exit status. */
export async function runCommand(program: Command, argv: readonly string[]): Promise<void> {
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    process.exitCode = explained(helpOf(program, argv), error);
  }
}

function explained(help: string, error: unknown): Status {
  const { errorMessage } = require("../database/error-message") as typeof import("../database/error-message");
  const message = errorMessage(error);
  // Help was asked for, and has been printed.
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  if (error instanceof CommanderError || error instanceof UsageError) {
    OUTPUT.report(`${usageProblem(message)}\nAll options: ${help}`);
    return 2;
  }
  if (error instanceof FileErrors) {
    OUTPUT.report(message);
    return 2;
  }
  OUTPUT.report(`error: ${message}`);
  return 1;
}

/** Commander's own words begin with "error: "; where a command was left out it has none but a code. */
function usageProblem(message: string): string {
  return message === "(outputHelp)" ? "name a command" : message.replace(/^error: /, "");
}

/** The command that prints the help of the command which `argv` names. */
function helpOf(program: Command, argv: readonly string[]): string {
  const words = [program.name()];
  let command = program;
  for (const word of argv) {
    const inner = command.commands.find((candidate) => candidate.name() === word);
    if (inner === undefined) break;
    words.push(word);
    command = inner;
  }
  return `${words.join(" ")} --help`;
}
