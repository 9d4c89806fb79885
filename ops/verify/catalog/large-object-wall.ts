import type { Leak, Remedy } from "../leak";
import { quoted } from "../quoted";
import { type Scene, WHO } from "./scene";

/** With this setting nobody is asked for rights on large objects. Only a superuser can set it, for the server, a database or a role. */
const SETTING = "lo_compat_privileges";

/** The function, not the view `pg_settings`: that everybody may lock, and so hold up whoever reads it. */
const ON = `
  with ${WHO}
  select pg_get_userbyid(10)::text as superuser, null::text as role, null::text as database
    from pg_show_all_settings() where name = '${SETTING}' and setting = 'on' and source not in ('database', 'user', 'database user', 'session')
  union all
  select pg_get_userbyid(10)::text, tenant.name, datname::text
    from pg_db_role_setting
    left join pg_database on pg_database.oid = setdatabase
    left join tenant on tenant.role = setrole
   cross join unnest(setconfig) as setting
   where (setrole = 0 or tenant.role is not null) and (setdatabase = 0 or datname = current_database())
     and setting ~* '^${SETTING}=(on|t|tr|tru|true|y|ye|yes|1)$'
   order by role nulls first, database nulls first`;

interface OnRow {
  readonly superuser: string;
  /** null for all. */
  readonly role: string | null;
  /** null for all. */
  readonly database: string | null;
}

/** Every tenant may read and write every large object. */
export async function largeObjectWall(scene: Scene): Promise<Leak[]> {
  return (await scene.rows<OnRow>(ON)).map((row) => ({
    check: "large object" as const,
    role: row.role ?? "public",
    victim: undefined,
    object: `setting ${SETTING}`,
    statement: `show ${SETTING}`,
    closes: remedies(row),
    hint: "on RDS it is a parameter of the instance's parameter group",
  }));
}

function remedies({ superuser, role, database }: OnRow): Remedy[] {
  const within = database === null ? "" : quoted(database);
  const statements =
    role !== null
      ? [`alter role ${quoted(role)}${within && ` in database ${within}`} reset ${SETTING}`]
      : within
        ? [`alter database ${within} reset ${SETTING}`, `alter role all in database ${within} reset ${SETTING}`]
        : [`alter role all reset ${SETTING}`, `alter system set ${SETTING} to off`, "select pg_reload_conf()"];
  return statements.map((statement) => ({ as: superuser, statement }));
}
