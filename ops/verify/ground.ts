/** Finds out what is to be verified: the database, and which tenants it has. */
import type { Client } from "pg";
import { roleName, schemaName, secondLoginName, slugOfSchema } from "../../domain/names";
import type { DatabaseSettings } from "../../domain/settings-spec";
import type { TenantSpec } from "../../domain/tenant-spec";
import type { Ground } from "./leak";

/**
 * The database and its tenants. A slug is a tenant's when there are both a schema and a role of its names, whoever owns the schema; when
 * a file declares it, of whichever stack, one of the two is enough.
 *
 * @param everyStack The tenants of all files.
 */
export async function groundOf(
  admin: Client,
  settings: { readonly database: DatabaseSettings },
  everyStack: readonly TenantSpec[],
): Promise<Ground> {
  const { rows } = await admin.query<{ name: string; role: boolean }>(
    "select nspname::text as name, false as role from pg_namespace union all select rolname, true from pg_roles",
  );
  const schemas = new Set(rows.flatMap(({ name, role }) => (role ? [] : [name])));
  const roles = new Set(rows.flatMap(({ name, role }) => (role ? [name] : [])));
  const declared = new Set(everyStack.map(({ slug }) => slug));
  const found = [...schemas].flatMap((name) => slugOfSchema(name) ?? []);
  const tenants = [...new Set([...declared, ...found])]
    .sort()
    .map((slug) => {
      const second = secondLoginName(slug);
      const secondLogin = roles.has(second) ? second : undefined;
      return { slug, schema: schemaName(slug), role: roleName(slug), secondLogin };
    })
    .filter(({ slug, schema, role }) =>
      declared.has(slug) ? schemas.has(schema) || roles.has(role) : schemas.has(schema) && roles.has(role),
    );
  return { database: settings.database.name, adminUser: settings.database.adminUser, tenants };
}
