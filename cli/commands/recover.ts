import { UsageError } from "../../domain/usage-error";
import { recover } from "../../ops/recover/recovery";
import { ask } from "../ask";
import { optionsToRepeat, parseCommandLine, STACK_USAGE, type StackOptions } from "../command-line";
import { withStack } from "../open-stack";
import { type Output, runCommand, type Status } from "../run-command";

const USAGE = `Usage: npm run recover -- [OPTIONS]

After an \`up\` or a \`destroy\` that died: finds out what it has left in the database, in AWS and in the stack's state, shows
what is to be done about it, and does it on consent. Never drops anything that holds a row, and deletes nothing in AWS.

  --yes                do it without asking
${STACK_USAGE}
Exit status: 0 done, or nothing to do; 1 no consent, or something is left that a person has to do; 2 wrong usage, invalid
settings or invalid tenant files.
`;

async function main(argv: readonly string[], output: Output): Promise<Status> {
  const parsed = parseCommandLine(argv, { yes: { type: "boolean", default: false } });
  if (parsed === "help") {
    output.print(USAGE.trimEnd());
    return 0;
  }
  const { options, values, positionals } = parsed;
  if (positionals.length > 0)
    throw new UsageError(`recover takes no "${positionals.join(" ")}"; the stack is named with --stack`);
  return withStack(options, output.report, (access) =>
    recover(access, output, {
      consent: async () => values.yes || (await ask("Do this?")),
      json: options.json,
      next: next(options),
    }),
  );
}

function next(options: StackOptions): string {
  if (options.rehearsal === undefined) return `npx pulumi up --stack ${options.stack}`;
  return `npm run rehearse -- up ${optionsToRepeat(options).replace(/ ?--rehearsal/, "")}`;
}

runCommand("recover", main);
