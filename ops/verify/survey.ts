import type { Client } from "pg";
import { withTransaction } from "../../database/transaction";
import type { TenantSpec } from "../../domain/tenant-spec";
import { defaultPrivileges } from "./catalog/default-privileges";
import { definerRelations } from "./catalog/definer-relations";
import { closedDefiners, definerRoutines } from "./catalog/definer-routines";
import { dependencies } from "./catalog/dependencies";
import { foreignTables } from "./catalog/foreign-tables";
import { grants } from "./catalog/grants";
import { languages } from "./catalog/languages";
import { largeObjectWall } from "./catalog/large-object-wall";
import { limits } from "./catalog/limits";
import { memberships } from "./catalog/memberships";
import { notes } from "./catalog/notes";
import { openRoutines } from "./catalog/open-routines";
import { ownedByOthers } from "./catalog/owned-by-others";
import { ownedLargeObjects } from "./catalog/owned-large-objects";
import { ownedOutside } from "./catalog/owned-outside";
import { roleAttributes } from "./catalog/role-attributes";
import { type Scene, sceneOf } from "./catalog/scene";
import { searchPaths } from "./catalog/search-path";
import { settingTraps } from "./catalog/setting-traps";
import { roleSettings } from "./catalog/settings";
import { userMappings } from "./catalog/user-mappings";
import type { Ground, Leak, Note } from "./leak";
import { ROLLBACK_TIMEOUT, STATEMENT_TIMEOUT } from "./patience";

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
  set local search_path = pg_catalog;
  set local jit = off;
  set local statement_timeout = '${STATEMENT_TIMEOUT}';
  set local lock_timeout = '2s'`;

/**
 * Reads the catalogs once for all tenants, and finds every way in which a tenant, PUBLIC or a third role reaches what it should not.
 * Reads nothing but catalogs, in one read-only transaction: no tenant's code runs, and no tenant waits.
 *
 * @param admin A session of the admin's, outside any transaction; need not be a superuser's.
 * @param declared The tenants whose limits the files of this stack say.
 */
export async function survey(admin: Client, ground: Ground, declared: readonly TenantSpec[]): Promise<Survey> {
  const scene = sceneOf(admin, ground);
  const read = async () => {
    await admin.query(GUARDS);
    return {
      leaks: await leaksOf(scene, declared),
      notes: [...(await notes(scene)), ...(await closedDefiners(scene))],
    };
  };
  const mode = "isolation level repeatable read, read only";
  return withTransaction(admin, read, { mode, rollBack: true, rollbackTimeout: ROLLBACK_TIMEOUT });
}

/** Rights come first: what closes them may need what the rest takes away. */
async function leaksOf(scene: Scene, declared: readonly TenantSpec[]): Promise<Leak[]> {
  const granted = await grants(scene);
  const settings = await roleSettings(scene);
  const { database } = scene.ground;
  return [
    ...granted.leaks,
    ...(await openRoutines(scene, granted.openings)),
    ...(await defaultPrivileges(scene)),
    ...(await dependencies(scene)),
    ...(await definerRoutines(scene)),
    ...(await definerRelations(scene)),
    ...(await ownedByOthers(scene)),
    ...(await ownedOutside(scene)),
    ...(await ownedLargeObjects(scene)),
    ...(await userMappings(scene)),
    ...(await foreignTables(scene)),
    ...(await languages(scene)),
    ...(await largeObjectWall(scene)),
    ...(await memberships(scene)),
    ...(await roleAttributes(scene)),
    ...(await settingTraps(scene)),
    ...searchPaths(settings, database),
    ...limits(settings, declared, database),
  ];
}
