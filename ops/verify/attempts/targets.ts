import type { Client } from "pg";
import { fencedRoles } from "../../../database/offboarding/fence";
import { givenOf } from "../catalog/catalogs";
import type { Ground } from "../leak";

/** Names of things that are there, for attempts to be directed at. */
export interface Targets {
  /** By the name of the schema. */
  readonly inSchema: ReadonlyMap<string, SchemaTargets>;
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
  /** Of each setting that a tenant may set and that somebody has set for a role or a database, what the server has without that. */
  readonly defaults: ReadonlyMap<string, string>;
}

/** Of each kind the first one; undefined where a schema has none. */
export interface SchemaTargets {
  readonly table: string | undefined;
  readonly sequence: string | undefined;
  readonly routine: string | undefined;
}

/** Beyond that the catalogs, as the admin reads them, have to do. */
const MOST_LARGE_OBJECTS = 1000;

/** Reads the catalogs alone, once for all tenants: nothing that a tenant made is touched. */
export async function readTargets(admin: Client, ground: Ground): Promise<Targets> {
  const schemas = ground.tenants.map(({ schema }) => schema);
  const inSchema = await admin.query<{ schema: string; table: string; sequence: string; routine: string }>(
    `select nspname as schema, min(relname) filter (where relkind in ('r', 'p', 'v', 'm', 'f')) as table,
            min(relname) filter (where relkind = 'S') as sequence,
            (select min(proname) from pg_proc where pronamespace = n.oid) as routine
       from pg_namespace n left join pg_class on relnamespace = n.oid where nspname = any ($1) group by n.oid, nspname`,
    [schemas],
  );
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
  const defaults = await admin.query<{ name: string; value: string }>(
    `select name, boot_val as value from pg_show_all_settings()
      where context = 'user' and boot_val is not null
        and name in (select lower(split_part(each, '=', 1)) from pg_db_role_setting, unnest(setconfig) as each)`,
  );
  return {
    extendedSchemas,
    defaults: new Map(defaults.rows.map(({ name, value }) => [name, value])),
    inSchema: new Map(
      inSchema.rows.map(({ schema, table, sequence, routine }) => [
        schema,
        { table: table ?? undefined, sequence: sequence ?? undefined, routine: routine ?? undefined },
      ]),
    ),
    roles: new Map(roles.rows.map(({ name, login }) => [name, login])),
    fenced: await fencedRoles(admin),
    largeObjects: largeObjects.rows,
    extension: available.rows[0]?.extension ?? undefined,
  };
}
