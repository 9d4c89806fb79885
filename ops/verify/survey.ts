import type { Client } from "pg";
import type { TenantSpec } from "../../domain/tenant-spec";
import { grants } from "./catalog/grants";
import { openRoutines } from "./catalog/open-routines";
import { sceneOf } from "./catalog/scene";
import type { Ground, Leak, Note } from "./leak";

/** What the catalogs say. */
export interface Survey {
  readonly leaks: readonly Leak[];
  readonly notes: readonly Note[];
}

/**
 * Names are looked up in the system's own schema; nothing is compiled for queries that take milliseconds; nothing runs for ever, and
 * nothing waits for a lock. All of it ends with the transaction.
 */
const GUARDS = `
  begin transaction isolation level repeatable read, read only;
  set local search_path = pg_catalog;
  set local jit = off;
  set local statement_timeout = '20s';
  set local lock_timeout = '2s'`;

/**
 * Reads the catalogs once for all tenants, and finds every way in which a tenant, PUBLIC or a third role reaches what it should not.
 * Reads nothing but catalogs, in one read-only transaction: no tenant's code runs, and no tenant waits.
 *
 * @param admin A session of the admin's, outside any transaction; need not be a superuser's.
 * @param declared The tenants whose limits the files of this stack say.
 */
export async function survey(admin: Client, ground: Ground, _declared: readonly TenantSpec[]): Promise<Survey> {
  const scene = sceneOf(admin, ground);
  await admin.query(GUARDS);
  try {
    const { leaks, openings } = await grants(scene);
    return { leaks: [...leaks, ...(await openRoutines(scene, openings))], notes: [] };
  } finally {
    await admin.query("rollback").catch(() => {});
  }
}
