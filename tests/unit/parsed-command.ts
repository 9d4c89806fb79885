import { type Command, CommanderError } from "commander";
import { UsageError } from "../../domain/usage-error";

/** What a command makes of its command line, without being run. @throws UsageError where it would end with its help. */
export function parsedCommand<Values extends object>(command: Command, argv: readonly string[]) {
  try {
    command
      .configureOutput({ writeOut: () => {} })
      .action(() => {})
      .parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return "help";
    throw new UsageError(error.message);
  }
  return { values: command.opts() as Values, args: command.args };
}
