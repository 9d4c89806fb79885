import type { Client } from "pg";
import { fencedRoles } from "../../../database/offboarding/fence";
import { givenOf } from "../catalog/catalogs";
import type { DatabaseTenant, Ground } from "../leak";
import { type Attempt, againstRole, againstSchema, type SchemaTargets } from "./against-tenant";

/** What is there for attempts to be directed at. */
export interface Targets {
  /** What every other tenant tries on a tenant's schema and role, by the tenant's slug. */
  readonly attempts: ReadonlyMap<string, readonly Attempt[]>;
  /** Every role, and whether it may log in. */
  readonly roles: ReadonlyMap<string, boolean>;
  /** The roles that a removal has shut out, with the time when it did, ISO 8601. */
  readonly fenced: ReadonlyMap<string, string>;
  /** Of those with the same owner and the same privileges one: there may be millions. */
  readonly largeObjects: readonly { readonly oid: string; readonly owner: string }[];
  /** One that the server has and the database has not. */
  readonly extension: string | undefined;
  /** Schemas that hold an extension's objects and no others, as an array of the server's. */
  readonly extendedSchemas: string;
  /** Relations of which a column has an access list, by their oids: to find them takes longest, and is done once. */
  readonly columnLists: readonly string[];
  /** Of each setting that a tenant may set and that somebody has set for a role or a database, what the server has without that. */
  readonly defaults: ReadonlyMap<string, string>;
}

/** Beyond that the catalogs, as the admin reads them, have to do. */
const MOST_LARGE_OBJECTS = 1000;

/** Reads the catalogs alone, once for all tenants: nothing that a tenant made is touched. */
export async function readTargets(admin: Client, ground: Ground): Promise<Targets> {
  const inSchema = await inSchemas(admin, ground);
  const roles = await admin.query<{ name: string; login: boolean }>(
    "select rolname as name, rolcanlogin as login from pg_roles order by rolname",
  );
  const largeObjects = await admin.query<{ oid: string; owner: string }>(
    `select min(oid::bigint)::text as oid, pg_get_userbyid(lomowner) as owner
       from pg_largeobject_metadata group by lomowner, lomacl limit ${MOST_LARGE_OBJECTS}`,
  );
  const available = await admin.query<{ extension: string | null }>(
    "select min(name) as extension from pg_available_extensions where installed_version is null",
  );
  const { extended: extendedSchemas } = await givenOf(admin, ground);
  const columnLists = await admin.query<{ oid: string }>(
    "select distinct attrelid::text as oid from pg_attribute where attacl is not null",
  );
  const defaults = await admin.query<{ name: string; value: string }>(
    `select name, boot_val as value from pg_show_all_settings()
      where context = 'user' and boot_val is not null
        and name in (select lower(split_part(each, '=', 1)) from pg_db_role_setting, unnest(setconfig) as each)`,
  );
  const known = new Map(roles.rows.map(({ name, login }) => [name, login]));
  return {
    attempts: new Map(ground.tenants.map((tenant) => [tenant.slug, attemptsOn(tenant, inSchema, known)])),
    extendedSchemas,
    columnLists: columnLists.rows.map(({ oid }) => oid),
    defaults: new Map(defaults.rows.map(({ name, value }) => [name, value])),
    roles: known,
    fenced: await fencedRoles(admin),
    largeObjects: largeObjects.rows,
    extension: available.rows[0]?.extension ?? undefined,
  };
}

/** What each tenant's schema holds, by the schema's name; there is no entry where there is no schema. */
async function inSchemas(admin: Client, { tenants }: Ground): Promise<ReadonlyMap<string, SchemaTargets>> {
  const { rows } = await admin.query<{ schema: string; table: string; sequence: string; routine: string }>(
    `select nspname as schema, min(relname) filter (where relkind in ('r', 'p', 'v', 'm', 'f')) as table,
            min(relname) filter (where relkind = 'S') as sequence, routine
       from pg_namespace n
       left join pg_class on relnamespace = n.oid
       left join (select pronamespace, min(proname) as routine from pg_proc group by pronamespace) first on pronamespace = n.oid
      where nspname = any ($1) group by nspname, routine`,
    [tenants.map(({ schema }) => schema)],
  );
  return new Map(
    rows.map(({ schema, table, sequence, routine }) => [
      schema,
      { table: table ?? undefined, sequence: sequence ?? undefined, routine: routine ?? undefined },
    ]),
  );
}

function attemptsOn(
  tenant: DatabaseTenant,
  inSchema: ReadonlyMap<string, SchemaTargets>,
  roles: ReadonlyMap<string, boolean>,
): Attempt[] {
  const things = inSchema.get(tenant.schema);
  return [
    ...(things === undefined ? [] : againstSchema(tenant, things)),
    ...(roles.has(tenant.role) ? againstRole(tenant.role, tenant.slug) : []),
    ...(tenant.secondLogin === undefined ? [] : againstRole(tenant.secondLogin, tenant.slug)),
  ];
}
