import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { type Scene, WHO } from "./scene";

/**
 * What is set for the admin, a superuser, this database or everybody, and names a tenant. Of a search path each part counts, quoted or
 * not: a tenant's schema has a name of small letters.
 */
const TRAPS = `
  with ${WHO},
  setting as (
    select setrole, setdatabase, lower(split_part(each, '=', 1)) as name, substr(each, strpos(each, '=') + 1) as value
      from pg_db_role_setting, unnest(setconfig) as each
     where (setrole = 0 or exists (select from trusted where trusted.oid = setrole))
       and setdatabase in (0, (select oid from pg_database where datname = current_database())))
  select tenant.name as tenant, place as schema, setting.name, rolname::text as role, datname::text as database,
         setrole::text as "setRole", setdatabase::text as "setDatabase",
         case when rolname is not null and not rolsuper then $4::text
              when rolname is null and setdatabase <> 0 then pg_get_userbyid(datdba)::text
              else pg_get_userbyid(10)::text end as keeper
    from setting
    join tenant
      on case setting.name
           when 'search_path' then tenant.schema is not null
            and place in (select lower(btrim(part, ' "')) from regexp_split_to_table(value, ',') as part)
           when 'role' then btrim(value, ' "') = tenant.name
           when 'session_authorization' then btrim(value, ' "') = tenant.name end
    left join pg_roles on pg_roles.oid = setrole
    left join pg_database on pg_database.oid = setdatabase
   order by role nulls first, database nulls first, setting.name, 1`;

interface TrapRow {
  readonly tenant: string;
  readonly schema: string;
  readonly name: string;
  /** null for every role. */
  readonly role: string | null;
  /** null for every database. */
  readonly database: string | null;
  readonly setRole: string;
  readonly setDatabase: string;
  /** Who may change it. */
  readonly keeper: string;
}

/** Settings by which the admin, or everybody, runs what a tenant put in the way. */
export async function settingTraps(scene: Scene): Promise<Leak[]> {
  return (await scene.rows<TrapRow>(TRAPS)).map((row) => ({
    check: "search path" as const,
    role: row.tenant,
    victim: undefined,
    schema: row.schema,
    object: `${row.name} of ${row.role === null && row.database === null ? "all roles" : place(row)}`,
    statement: `select setconfig from pg_db_role_setting where setrole = ${row.setRole} and setdatabase = ${row.setDatabase}`,
    closes: [{ as: row.keeper, statement: `alter ${place(row)} reset ${row.name}` }],
    hint:
      row.name === "search_path"
        ? `what is called without its schema may be found in ${quoted(row.schema)}, where ${quoted(row.tenant)} puts what it likes`
        : `it makes the sessions act as ${quoted(row.tenant)}, whose code can end that, and go on with their rights`,
  }));
}

/** As `alter` takes it. */
function place({ role, database }: TrapRow): string {
  if (role === null && database !== null) return `database ${quoted(database)}`;
  return `role ${role === null ? "all" : quoted(role)}${database === null ? "" : ` in database ${quoted(database)}`}`;
}
