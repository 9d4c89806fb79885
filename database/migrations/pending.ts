/** Which migrations a schema still has to run, and what is wrong where they do not go with what it has run. */
import { printable } from "../../domain/printable";
import { LEDGER, type LedgerRow } from "./ledger-table";
import { lastOf, type MigrationFile } from "./migration-files";

/**
 * The migrations that a schema still has to run.
 *
 * @throws Error when the schema is ahead of the files, or has run a file that has changed since.
 */
export function pendingOf(
  files: readonly MigrationFile[],
  ledger: readonly LedgerRow[],
  tenant: string,
): MigrationFile[] {
  const rows = new Map(ledger.filter(({ number }) => number > 0).map((row) => [row.number, row]));
  const last = Math.max(0, ...rows.keys());
  if (last > files.length) {
    throw new Error(ahead(tenant, rows.get(last)?.name ?? "", files.at(-1)?.name));
  }
  const pending: MigrationFile[] = [];
  for (const file of files) {
    const row = rows.get(file.number);
    if (row?.done && (row.name !== file.name || row.sha256 !== file.sha256)) {
      throw new Error(changedAfter(file, row.name, [tenant]));
    }
    if (row?.done) {
      const [before] = pending;
      if (before === undefined) continue;
      throw new Error(
        `the ledger of tenant ${tenant} has ${file.name} and not ${before.name}: put right what somebody took from ${LEDGER}`,
      );
    }
    pending.push(file);
  }
  return pending;
}

/** A tenant that has run a file which is not there. @param last Name of the last one that is. */
export function ahead(tenant: string, name: string, last: string | undefined): string {
  return (
    `tenant ${tenant} is ahead: it has run ${printable(name)}, and ${lastOf(last)}. ` +
    "Deploy a commit that has that file; only a new migration can undo one"
  );
}

/** A file of which a tenant has run other contents. */
export function changedAfter(
  { path, name }: Pick<MigrationFile, "path" | "name">,
  formerly: string,
  tenants: readonly string[],
): string {
  const what = formerly === name ? "was changed" : `took the number of ${printable(formerly)}`;
  return (
    `${path}: ${what} after ${tenants.length === 1 ? "tenant" : "tenants"} ${tenants.join(", ")} had run it. ` +
    "Put it back as it was, and write what is new into a new file, with the next free number"
  );
}
