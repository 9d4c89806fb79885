import { isSlug } from "../../domain/names";
import { printable } from "../../domain/printable";
import { UsageError } from "../../domain/usage-error";
import { restore } from "../../ops/restore/restore";
import { parseCommandLine, STACK_USAGE } from "../command-line";
import { withStack } from "../open-stack";
import { type Output, runCommand, type Status } from "../run-command";

const USAGE = `Usage: npm run restore -- SLUG --from BACKUP [OPTIONS]

Restores tenant SLUG's backup into SLUG, which must exist and be empty, as its own role. The backup is first tried out in a
scratch database and compared with its manifest; what was restored is compared again, and every other tenant of the database is
proved unchanged.

  --from BACKUP        the backup's archive (….dump) or manifest (….manifest.json): its name at the stack's destination
                       (b2b-tenants:backups), or a path or s3:// URL to it
  --as OTHER_SLUG      restore into that tenant instead, which must exist and be empty too
  --skip-neighbours    do not read the other tenants before and after: nothing is proved of them
${STACK_USAGE}
Exit status: 0 restored and equal to the backup; 1 refused or failed, or something is not proved; 2 wrong usage, invalid settings
or invalid tenant files.
`;

async function main(argv: readonly string[], output: Output): Promise<Status> {
  const parsed = parseCommandLine(argv, {
    from: { type: "string" },
    as: { type: "string" },
    "skip-neighbours": { type: "boolean", default: false },
  });
  if (parsed === "help") {
    output.print(USAGE.trimEnd());
    return 0;
  }
  const { options, values, positionals } = parsed;
  const [tenant, ...more] = positionals;
  if (tenant === undefined || more.length > 0) {
    throw new UsageError("restore takes one tenant: npm run restore -- SLUG --from BACKUP");
  }
  const { from, as: into = tenant, "skip-neighbours": skipNeighbours } = values;
  if (from === undefined) throw new UsageError("restore needs --from BACKUP: the archive or its manifest");
  for (const slug of [tenant, into]) {
    if (!isSlug(slug)) throw new UsageError(`${printable(JSON.stringify(slug))} is not a tenant's slug`);
  }
  return withStack(options, output.report, (access) =>
    restore(access, output, { tenant, from, into, neighbours: !skipNeighbours, json: options.json }),
  );
}

runCommand("restore", main);
