import { UsageError } from "../../domain/usage-error";
import { proof } from "../../ops/verify/proof";
import { holds, proofJson, proofText } from "../../ops/verify/show-proof";
import { parseCommandLine, STACK_USAGE } from "../command-line";
import { withStack } from "../open-stack";
import { type Output, runCommand, type Status } from "../run-command";

const USAGE = `Usage: npm run verify -- [OPTIONS]

Proves that no tenant reaches another, the admin or the server, or shows where one does. Reads the catalogs as the admin; then
logs in as each tenant of the stack, with the credentials that its server gets, and tries what an attacker would. Nothing stays
of it, and no tenant waits for it. Each leak is told with a statement that shows it and the statements that close it.

${STACK_USAGE}
Exit status: 0 everything was tried and nothing leaks; 1 something leaks, or could not be tried; 2 wrong usage, invalid settings
or invalid tenant files.
`;

async function main(argv: readonly string[], output: Output): Promise<Status> {
  const parsed = parseCommandLine(argv, {});
  if (parsed === "help") {
    output.print(USAGE.trimEnd());
    return 0;
  }
  const { options, positionals } = parsed;
  if (positionals.length > 0) {
    throw new UsageError(`verify takes no "${positionals.join(" ")}"; the stack is named with --stack`);
  }
  return withStack(options, output.report, async (access) => {
    const proved = await proof(access, output.report);
    output.print(options.json ? proofJson(proved) : proofText(proved));
    return holds(proved) ? 0 : 1;
  });
}

runCommand("verify", main);
