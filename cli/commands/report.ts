import { REFERENCE_FORMATS } from "../../domain/quick-reference";
import type { Output } from "../../ops/output";
import { type ReportValues, reportWanted } from "../../ops/report/report-options";
import { optionsToRepeat } from "../../ops/stack/stack-options";
import { ask } from "../ask";
import { newStackCommand, type StackValues, stackOptions, takesNoArguments } from "../command-line";
import { withStack } from "../open-stack";

export const report = () =>
  newStackCommand("report", run)
    .description(
      "What each tenant takes of the shared database: the size of its schema, rows, vacuum, connections against its limit, " +
        "slowest statements; every role that can log in; tenants that no file declares, and declared ones that the database " +
        "lacks. Reads the server's catalogs and statistics alone, never a tenant's table, in a session that can write nothing " +
        "and waits for nobody.",
    )
    .option(
      "--watch [SECONDS]",
      "again every so many seconds (default: 5), until Ctrl-C; with --json one object a line. When the server is too busy " +
        "for a report, that one is left out",
    )
    .option("--reference", "the quick reference instead: user, schema and server of each tenant, without credentials")
    .option("--format <FORMAT>", `with --reference: ${REFERENCE_FORMATS.join(", ")} (default: "text")`)
    .option(
      "--show-secrets <SLUG>",
      "that tenant's .env instead, with its secrets in clear, after asking on the terminal",
    )
    .option("--yes", "with --show-secrets: do not ask")
    .option(
      "--html <FILE>",
      "write the page of the fleet too, one file that a browser opens: isolation, sizes, connections, migrations. For it every " +
        "tenant logs in, as for `verify`",
    )
    .option("--no-proof", "with --html: no tenant logs in, and the page says that isolation was not proved")
    .option("--since <FILE>", "with --html: an earlier page, to show what has grown since")
    .option("--lang <LANGUAGE>", "with --html: en, es (default: the browser's)")
    .addHelpText(
      "after",
      `
Exit status: 0 done, also when the report warns of something or --html shows leaks; 1 it could not be done, no consent, or --html could
not prove the isolation; 2 wrong usage, invalid settings or invalid tenant files.`,
    );

async function run(values: StackValues & ReportValues, args: readonly string[], output: Output) {
  takesNoArguments("report", args);
  const options = stackOptions(values);
  const wanted = reportWanted(values);
  // A stack is looked at from outside: in a rehearsal, other commands need not wait until a watch has ended.
  const access = await withStack(options, output.report, async (opened) => opened);
  switch (wanted.what) {
    case "report": {
      return (
        require("../../ops/report/print-reports") as typeof import("../../ops/report/print-reports")
      ).printReports(access, output, { json: options.json, everySeconds: wanted.everySeconds });
    }
    case "page": {
      return (require("../../ops/page/write-page") as typeof import("../../ops/page/write-page")).writeFleetPage(
        access,
        output,
        { json: options.json, page: wanted.page },
      );
    }
    case "reference": {
      return (require("../../ops/report/reference") as typeof import("../../ops/report/reference")).printReference(
        access,
        output,
        wanted.format,
      );
    }
    case "secrets": {
      const { showSecrets } =
        require("../../ops/report/show-secrets") as typeof import("../../ops/report/show-secrets");
      const consent = async (question: string) => wanted.yes || (await ask(question));
      const listing = `npx b2b-tenants report --reference ${optionsToRepeat(options)}`;
      return showSecrets(access, output, { slug: wanted.slug, json: options.json, listing, consent });
    }
  }
}
