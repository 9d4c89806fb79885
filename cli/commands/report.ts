import { printReports } from "../../ops/report/print-reports";
import { printReference } from "../../ops/report/reference";
import { reportOptions } from "../../ops/report/report-options";
import { ask } from "../ask";
import { optionsToRepeat, STACK_USAGE } from "../command-line";
import { withStack } from "../open-stack";
import { type Output, runCommand, type Status } from "../run-command";

const USAGE = `Usage: npm run report -- [OPTIONS]

What each tenant takes of the shared database: the size of its schema, rows, vacuum, connections against its limit, slowest
statements; every role that can log in; tenants that no file declares, and declared ones that the database lacks. Reads the
server's catalogs and statistics alone, never a tenant's table, in a session that can write nothing and waits for nobody.

  --watch [SECONDS]    again every so many seconds (default 5), until Ctrl-C; with --json one object a line. When the server
                       is too busy for a report, that one is left out
  --reference          the quick reference instead: user, schema and server of each tenant, without credentials
  --format FORMAT      with --reference: text (default), markdown or json
  --show-secrets SLUG  that tenant's .env instead, with its secrets in clear, after asking on the terminal
  --yes                with --show-secrets: do not ask
${STACK_USAGE}
Exit status: 0 done, also when the report warns of something; 1 it could not be done, or no consent; 2 wrong usage, invalid settings
or invalid tenant files.
`;

async function main(argv: readonly string[], output: Output): Promise<Status> {
  const asked = reportOptions(argv);
  if (asked === "help") {
    output.print(USAGE.trimEnd());
    return 0;
  }
  const { options, wanted } = asked;
  // A stack is looked at from outside: in a rehearsal, other commands need not wait until a watch has ended.
  const access = await withStack(options, output.report, async (opened) => opened);
  switch (wanted.what) {
    case "report":
      return printReports(access, output, { json: options.json, everySeconds: wanted.everySeconds });
    case "reference":
      return printReference(access, output, wanted.format);
    case "secrets": {
      // The SDK's client is slow to load, and nothing else here needs it.
      const { showSecrets } =
        require("../../ops/report/show-secrets") as typeof import("../../ops/report/show-secrets");
      const consent = async (question: string) => wanted.yes || (await ask(question));
      const listing = `npm run report -- --reference ${optionsToRepeat(options)}`;
      return showSecrets(access, output, { slug: wanted.slug, json: options.json, listing, consent });
    }
  }
}

runCommand("report", main);
