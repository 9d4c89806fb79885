import type { Client } from "pg";
import { ownersOf } from "../../database/backup/contents/object-owners";
import { readContents, type SchemaContents } from "../../database/backup/contents/schema-contents";
import type { Watch } from "../../database/backup/watch";
import { join } from "../../database/membership";
import { withTransaction } from "../../database/transaction";

/** A tenant is read while it works: a table that it is rebuilding is worth waiting for. */
const LOCK_TIMEOUT = "5min";

/** A schema and its owner. */
export interface OwnedSchema {
  readonly schema: string;
  readonly role: string;
}

export interface TenantContents {
  readonly contents: SchemaContents;
  /** Objects that do not belong to the tenant's role, each with its owner. */
  readonly ownedByOthers: readonly string[];
}

/**
 * Reads all that a tenant has, in one snapshot. The admin has no rights there: they are granted within a transaction that is rolled
 * back, so that not even a killed run leaves any.
 *
 * @param admin A session in no transaction.
 */
export async function readTenant(
  admin: Client,
  { schema, role }: OwnedSchema,
  watch: Watch = {},
): Promise<TenantContents> {
  const read = async () => {
    await admin.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
    const { rows } = await admin.query<{ member: boolean }>("select pg_has_role($1, 'usage') as member", [role]);
    if (!rows[0]?.member) await join(admin, role);
    return {
      contents: await readContents(admin, schema, watch),
      ownedByOthers: await ownersOf(admin, schema, role),
    };
  };
  return withTransaction(admin, read, { mode: "isolation level repeatable read", rollBack: true });
}
