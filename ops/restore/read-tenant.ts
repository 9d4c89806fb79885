import { type Client, escapeIdentifier } from "pg";
import { ownersOf } from "../../database/backup/contents/object-owners";
import { readContents, type SchemaContents } from "../../database/backup/contents/schema-contents";
import { withTransaction } from "../../database/transaction";

/** A tenant's rows are read while it works; for a table that it rebuilds, it is worth waiting. */
const LOCK_TIMEOUT = "5min";

export interface TenantPlace {
  readonly schema: string;
  /** The schema's owner. */
  readonly role: string;
}

export interface TenantContents {
  readonly contents: SchemaContents;
  /** Objects that do not belong to the tenant's role, each with its owner. */
  readonly ownedByOthers: readonly string[];
}

/**
 * Reads all that a tenant has, in one snapshot. The admin has no rights there: they are given for a transaction that is rolled
 * back, so that not even a run that is killed leaves any.
 *
 * @param admin A session in no transaction.
 */
export async function readTenant(
  admin: Client,
  { schema, role }: TenantPlace,
  onTable: (table: string, index: number, total: number) => void = () => {},
): Promise<TenantContents> {
  const read = async () => {
    await admin.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
    const { rows } = await admin.query<{ member: boolean }>("select pg_has_role($1, 'usage') as member", [role]);
    if (!rows[0]?.member) {
      await admin.query(`grant ${escapeIdentifier(role)} to current_user with inherit true, set true`);
    }
    return {
      contents: await readContents(admin, schema, onTable),
      ownedByOthers: await ownersOf(admin, schema, role),
    };
  };
  return withTransaction(admin, read, { mode: "isolation level repeatable read", rollBack: true });
}
