import type { Output } from "../../ops/output";
import { optionsToRepeat, type StackOptions } from "../../ops/stack/stack-options";
import { ask } from "../ask";
import { newStackCommand, type StackValues, stackOptions, takesNoArguments } from "../command-line";
import { withStack } from "../open-stack";

interface RecoverValues extends StackValues {
  readonly yes?: boolean;
}

export const recover = () =>
  newStackCommand("recover", run)
    .description(
      "After an `up` or a `destroy` that died: finds out what it has left in the database, in AWS and in the stack's state, " +
        "shows what is to be done about it, and does it on consent. Never drops anything that holds a row, and deletes nothing " +
        "in AWS.",
    )
    .option("--yes", "do it without asking")
    .addHelpText(
      "after",
      `
Exit status: 0 done, or nothing to do; 1 no consent, or something is left that a person has to do; 2 wrong usage, invalid
settings or invalid tenant files.`,
    );

function run(values: RecoverValues, args: readonly string[], output: Output) {
  takesNoArguments("recover", args);
  const options = stackOptions(values);
  return withStack(options, output.report, (access) =>
    (require("../../ops/recover/recovery") as typeof import("../../ops/recover/recovery")).recover(access, output, {
      consent: async () => values.yes === true || (await ask("Do this?")),
      json: options.json,
      next: nextCommand(options),
    }),
  );
}

function nextCommand(options: StackOptions): string {
  if (options.rehearsal === undefined) return `npx pulumi up --stack ${options.stack}`;
  return `npm run rehearse -- up ${optionsToRepeat(options).replace(/ ?--rehearsal/, "")}`;
}
