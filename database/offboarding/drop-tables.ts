import { createHash } from "node:crypto";
import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { printable } from "../../domain/printable";
import { refuseWhatABackupMisses } from "../backup/beyond-schema";
import { readContents, type TableContents } from "../backup/contents/schema-contents";
import { lockTables } from "../backup/lock-tables";
import { schemaComment } from "../foreign-objects";
import { withoutMarker } from "../schema-marker";
import { withTransaction } from "../transaction";

/** Tables whose file is not empty. No row is looked at here: a query could run the tenant's code, with the admin's rights. */
export async function tablesWithStoredData(admin: Client, schema: string): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1)
        and relkind in ('r', 'm') and pg_relation_size(oid) > 0 order by relname`,
    [schema],
  );
  return rows.map(({ name }) => printable(name));
}

/**
 * Drops the tables of a schema in the transaction that has found them to hold what `proof` stands for, and in which nobody can write.
 * A neighbour with rights of its own there, whom no fence shuts out, may have written since the backup: then nothing is dropped.
 */
export async function dropTables(admin: Client, schema: string, role: string, proof: string): Promise<void> {
  await withTransaction(admin, async () => {
    await admin.query(`grant ${escapeIdentifier(role)} to current_user with inherit true, set true`);
    const tables = await lockTables(admin, schema, "access exclusive");
    await refuseWhatABackupMisses(admin, schema, role);
    const contents = await readContents(admin, schema);
    if (proofOf(contents.tables) !== proof) {
      throw new Error(
        "it does not hold what its proved backup holds: somebody else who has rights in it has written since. Put the tenant's " +
          "file back and run `up`, then remove it again, which takes a new backup",
      );
    }
    if (tables.length > 0) await admin.query(`drop table ${tables.join(", ")} cascade`);
    const comment = withoutMarker((await schemaComment(admin, schema)) ?? null);
    await admin.query(
      `comment on schema ${escapeIdentifier(schema)} is ${comment === null ? "null" : escapeLiteral(comment)}`,
    );
    await admin.query(`revoke ${escapeIdentifier(role)} from current_user`);
  });
}

/** Stands for every row of a schema, 64 hexadecimal digits: another row anywhere gives another proof. */
export function proofOf(tables: readonly TableContents[]): string {
  const rows = tables.map(({ name, rows, checksum }) => [name, rows, checksum]);
  return createHash("sha256").update(JSON.stringify(rows)).digest("hex");
}
