import type { Client } from "pg";
import { withTransaction } from "../../database/transaction";
import type { TenantSpec } from "../../domain/tenant-spec";
import { Catalogs } from "./catalog/catalogs";
import { defaultPrivileges } from "./catalog/default-privileges";
import { definerRelations, definerRoutines, filledViews } from "./catalog/definers";
import { dependencies } from "./catalog/dependencies";
import { foreignTables, userMappings } from "./catalog/foreign-servers";
import { grants, openRoutines } from "./catalog/grants";
import { limits } from "./catalog/limits";
import { notes } from "./catalog/notes";
import { ownedByOthers, ownedLargeObjects, ownedOutside } from "./catalog/ownership";
import { policies } from "./catalog/policies";
import { publications } from "./catalog/publications";
import { memberships, roleAttributes } from "./catalog/roles";
import { languages, largeObjectWall } from "./catalog/server";
import { roleSettings, searchPaths, settingTraps } from "./catalog/settings";
import type { Ground, Leak, Note } from "./leak";
import { ROLLBACK_TIMEOUT, STATEMENT_TIMEOUT } from "./patience";

/** What the catalogs say. */
export interface Survey {
  readonly leaks: readonly Leak[];
  readonly notes: readonly Note[];
}

/**
 * Names are looked up in the system's own schema; nothing is compiled for queries that take milliseconds; no statement runs for ever or
 * waits for a lock. All of it ends with the transaction.
 */
const SETTINGS = `
  set local search_path = pg_catalog;
  set local jit = off;
  set local statement_timeout = '${STATEMENT_TIMEOUT}';
  set local lock_timeout = '2s'`;

/**
 * Reads the catalogs once for all tenants, and finds every way in which a tenant, PUBLIC or a third role reaches what it should not.
 * Reads nothing but catalogs, in one read-only transaction: no tenant's code runs, and no tenant waits.
 *
 * @param admin A session of the admin's, outside any transaction; the admin need not be a superuser.
 * @param declared The tenants of this stack, whose limits are compared with those of their files.
 */
export async function survey(admin: Client, ground: Ground, declared: readonly TenantSpec[]): Promise<Survey> {
  const read = async () => {
    await admin.query(SETTINGS);
    return surveyOf(await Catalogs.open(admin, ground), declared);
  };
  const mode = "isolation level repeatable read, read only";
  return withTransaction(admin, read, { mode, rollBack: true, rollbackTimeout: ROLLBACK_TIMEOUT });
}

/** Rights come first: the remedies for them may need what the remedies for the rest take away. */
async function surveyOf(catalogs: Catalogs, declared: readonly TenantSpec[]): Promise<Survey> {
  const granted = await grants(catalogs);
  const routines = await definerRoutines(catalogs);
  const settings = await roleSettings(catalogs);
  const { database } = catalogs.ground;
  return {
    leaks: [
      ...granted.leaks,
      ...(await openRoutines(catalogs, granted.openings)),
      ...(await defaultPrivileges(catalogs)),
      // A policy that also uses what is another's is dropped for that, and can then no longer be altered.
      ...(await policies(catalogs)),
      ...(await dependencies(catalogs)),
      ...(await publications(catalogs)),
      ...routines.leaks,
      ...(await definerRelations(catalogs)),
      ...(await filledViews(catalogs)),
      ...(await ownedByOthers(catalogs)),
      ...(await ownedOutside(catalogs)),
      ...(await ownedLargeObjects(catalogs)),
      ...(await userMappings(catalogs)),
      ...(await foreignTables(catalogs)),
      ...(await languages(catalogs)),
      ...(await largeObjectWall(catalogs)),
      ...(await memberships(catalogs)),
      ...(await roleAttributes(catalogs)),
      ...(await settingTraps(catalogs)),
      ...searchPaths(settings, database),
      ...limits(settings, declared, database),
    ],
    notes: [...(await notes(catalogs)), ...routines.notes],
  };
}
