import { ConnectionRefused, withConnection } from "../../database/connection";
import { schemaComment } from "../../database/foreign-objects";
import type { ConnectionTarget } from "../../domain/connection-string";

/** The server answers a login that does not exist as it answers a wrong password. */
const ROLE_OR_DATABASE_GONE = new Set(["28P01", "3D000"]);

/**
 * On refresh: what the program's mark in the comment of a tenant's schema says, asked with the tenant's own login.
 *
 * @param read Finds the mark in the comment.
 * @param unknown The answer when the server refuses the login for something else, as used-up connections or a setting of the tenant's:
 * the tenant is there, and nothing is known to have changed.
 * @returns undefined without a mark, and when role or database are gone.
 * @throws ConnectionRefused when the server cannot be reached.
 */
export async function readMark<Mark>(
  tenant: ConnectionTarget & { readonly schema: string },
  read: (comment: string | null) => Mark | undefined,
  unknown: Mark,
): Promise<Mark | undefined> {
  try {
    return read((await withConnection(tenant, (client) => schemaComment(client, tenant.schema))) ?? null);
  } catch (error) {
    if (!(error instanceof ConnectionRefused) || error.sqlState === undefined) throw error;
    return ROLE_OR_DATABASE_GONE.has(error.sqlState) ? undefined : unknown;
  }
}
