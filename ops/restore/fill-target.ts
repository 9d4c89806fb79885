import { withConnection } from "../../database/connection";
import { printable } from "../../domain/printable";
import { named, tablesWithRows } from "./empty-schema";
import type { TargetTenant } from "./find-target";
import { type InitScript, initialise } from "./initialise";
import { type Job, ownWords, type ProvedCopy } from "./proved-copy";
import { tableProgress } from "./table-progress";

/**
 * Restores a backup into the target's schema, which has been cleared, as the target's own role. What fails leaves the tenant with
 * its empty tables, as it was before.
 *
 * @throws Error that says what is in place and what to do.
 */
export async function fillTarget({ target, backup, report }: Job, copy: ProvedCopy, script: InitScript): Promise<void> {
  const total = backup.manifest.tables.length;
  const tell = tableProgress(target.schema, total, (table) => report(`restoring ${table}`));
  try {
    await copy.restoreInto(target.login, tell);
  } catch (error) {
    const failed = `the backup could not be restored into ${target.schema}: ${printable(ownWords(error as Error))}`;
    throw new Error(`${failed}. ${await emptyAgain(target, script)}`);
  }
}

/** Makes the empty tables again. @returns What is in place now, and what to do. */
async function emptyAgain(target: TargetTenant, script: InitScript): Promise<string> {
  const { login, schema } = target;
  try {
    const tables = await withConnection(login, (client) => tablesWithRows(client, schema));
    // The connection may have broken after the commit had arrived.
    if (tables.length > 0) return `Yet ${named(tables)} hold rows: run the same again, which finds out what is there`;
    await initialise(target, script);
    return "Nothing of it was kept, and the tenant's empty tables are back: put that right and run the same again";
  } catch (error) {
    return `Its tables could not be made again (${(error as Error).message}): put that right and run the same again`;
  }
}
