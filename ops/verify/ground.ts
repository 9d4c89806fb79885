import type { Client } from "pg";
import { isSlug, roleName, schemaName } from "../../domain/names";
import type { DatabaseSettings } from "../../domain/settings-spec";
import type { TenantSpec } from "../../domain/tenant-spec";
import type { Ground, TenantPlace } from "./leak";

/** What there is of either name: a schema alone may be anybody's, a role alone too. */
const PLACES = `
  with slug as (
    select substr(nspname::text, 8) as name from pg_catalog.pg_namespace where nspname like 'schema\\_%'
    union select unnest($1::text[]))
  select name as slug,
         exists (select from pg_catalog.pg_namespace where nspname = 'schema_' || name) as schema,
         exists (select from pg_catalog.pg_roles where rolname = 'user_' || name) as role
    from slug order by name collate "C"`;

/**
 * The database and its tenants: whoever has both a schema and a role of a tenant's names, whoever owns that schema; and those that a
 * file declares, of whichever stack, as soon as there is one of the two.
 *
 * @param everyStack The tenants of all files.
 */
export async function groundOf(
  admin: Client,
  settings: { readonly database: DatabaseSettings },
  everyStack: readonly TenantSpec[],
): Promise<Ground> {
  const declared = new Set(everyStack.map(({ slug }) => slug));
  const { rows } = await admin.query<{ slug: string; schema: boolean; role: boolean }>(PLACES, [[...declared]]);
  const tenants = rows
    .filter(({ slug, schema, role }) => isSlug(slug) && (declared.has(slug) ? schema || role : schema && role))
    .map(({ slug }): TenantPlace => ({ slug, schema: schemaName(slug), role: roleName(slug) }));
  return { database: settings.database.name, adminUser: settings.database.adminUser, tenants };
}
