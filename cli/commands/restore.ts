import { isSlug } from "../../domain/names";
import { printable } from "../../domain/printable";
import { UsageError } from "../../domain/usage-error";
import type { Output } from "../../ops/output";
import { newStackCommand, type StackValues, stackOptions } from "../command-line";
import { withStack } from "../open-stack";

interface RestoreValues extends StackValues {
  readonly from?: string;
  readonly as?: string;
  readonly skipNeighbours?: boolean;
}

export const restore = () =>
  newStackCommand("restore", run)
    .argument("[slug]")
    .usage("SLUG --from BACKUP [options]")
    .description(
      "Restores tenant SLUG's backup into SLUG, which must exist and be empty, as its own role. The backup is first tried out " +
        "in a scratch database and compared with its manifest; what was restored is compared again, and every other tenant of " +
        "the database is proved unchanged.",
    )
    .option(
      "--from <BACKUP>",
      "the backup's archive (….dump) or manifest (….manifest.json): its name at the stack's destination " +
        "(b2b-tenants:backups), or a path or s3:// URL to it",
    )
    .option("--as <OTHER-SLUG>", "restore into that tenant instead, which must exist and be empty too")
    .option("--skip-neighbours", "do not read the other tenants before and after: nothing is proved of them")
    .addHelpText(
      "after",
      `
Exit status: 0 restored and equal to the backup; 1 refused or failed, or something is not proved; 2 wrong usage, invalid settings
or invalid tenant files.`,
    );

function run(values: RestoreValues, args: readonly string[], output: Output) {
  const [tenant, ...more] = args;
  if (tenant === undefined || more.length > 0) {
    throw new UsageError("restore takes one tenant: npx b2b-tenants restore SLUG --from BACKUP");
  }
  const { from, as: into = tenant, skipNeighbours = false } = values;
  if (from === undefined) throw new UsageError("restore needs --from BACKUP: the archive or its manifest");
  for (const slug of [tenant, into]) {
    if (!isSlug(slug)) throw new UsageError(`${printable(JSON.stringify(slug))} is not a tenant's slug`);
  }
  const options = stackOptions(values);
  return withStack(options, output.report, (access) =>
    (require("../../ops/restore/restore") as typeof import("../../ops/restore/restore")).restore(access, output, {
      tenant,
      from,
      into,
      neighbours: !skipNeighbours,
      json: options.json,
    }),
  );
}
