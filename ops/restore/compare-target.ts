import type { Client } from "pg";
import { differences } from "../../database/backup/contents/schema-contents";
import { printable } from "../../domain/printable";
import type { Job } from "./proved-copy";
import { readTenant } from "./read-tenant";
import type { Outcome } from "./show-outcome";

/** Reads what the target holds now, and compares it with the manifest; everything has to belong to the target's own role. */
export async function compareTarget(
  session: Client,
  { backup, target, report }: Job,
): Promise<Pick<Outcome, "found" | "differing">> {
  const { contents, ownedByOthers } = await readTenant(session, target, (table, index, total) =>
    report(`comparing ${printable(table)} (${index + 1} of ${total})`),
  );
  return {
    found: contents,
    differing: [
      ...differences(backup.manifest, contents),
      ...ownedByOthers.map((object) => `${object}, not of ${target.role}`),
    ],
  };
}
