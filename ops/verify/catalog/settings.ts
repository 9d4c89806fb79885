import { escapeLiteral } from "pg";
import { quoteIdentifier } from "../../../database/sql-text";
import { message } from "../../message";
import type { DatabaseTenant, Leak, Remedy } from "../leak";
import { type Catalogs, catalogQuery, type Enclosing, within } from "./catalogs";

/** What is set for a tenant's role. */
export interface RoleSettings {
  readonly slug: string;
  readonly role: string;
  /** Name of the tenant's schema; null where there is none. */
  readonly schema: string | null;
  readonly connectionLimit: number;
  /** Who may change them. */
  readonly keeper: string;
  /** Settings of the role in this database, by name. They take precedence over those in all databases. */
  readonly here: Readonly<Record<string, string>>;
  /** Settings of the role in all databases, by name. */
  readonly everywhere: Readonly<Record<string, string>>;
}

const ROLE_SETTINGS = catalogQuery<RoleSettings>("role-settings.sql");

export function roleSettings(catalogs: Catalogs): Promise<RoleSettings[]> {
  return catalogs.rows(ROLE_SETTINGS);
}

/**
 * Tenants whose sessions look names up outside their own schema. Without a setting of the role's own, that of the database or the server
 * counts, which by default includes `public`.
 */
export function searchPaths(roles: readonly RoleSettings[], database: string): Leak[] {
  return roles.flatMap((role) => {
    const { schema, keeper, here, everywhere } = role;
    if (schema === null) return [];
    const own = (path: string | undefined) => path !== undefined && isOwn(path, schema);
    if (own(here.search_path ?? everywhere.search_path)) return [];
    const name = quoteIdentifier(role.role);
    const closes: Remedy[] = [];
    if (here.search_path !== undefined) {
      const place = quoteIdentifier(database);
      closes.push({ as: keeper, statement: `alter role ${name} in database ${place} reset search_path` });
    }
    if (!own(everywhere.search_path)) {
      closes.push({ as: keeper, statement: `alter role ${name} set search_path to ${quoteIdentifier(schema)}` });
    }
    return {
      check: "search path",
      role: role.role,
      victim: undefined,
      object: `search_path of role ${quoteIdentifier(role.role)}`,
      statement: `select setdatabase, setconfig from pg_db_role_setting where setrole in (0, ${escapeLiteral(name)}::regrole)`,
      closes,
    };
  });
}

/** Whether the path is the tenant's schema; the server's own is searched in any case, and may be named. */
function isOwn(path: string, schema: string): boolean {
  const others = schemasOf(path).filter((part) => part !== "pg_catalog");
  return others.length === 1 && others[0] === schema;
}

/** The names in a search path, as PostgreSQL reads them: in lower case unless quoted, and no longer than a name can be. */
export function schemasOf(path: string): string[] {
  return [...path.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)].map(([, quoted, bare = ""]) =>
    Buffer.from(quoted?.replaceAll('""', '"') ?? bare.toLowerCase())
      .subarray(0, 63)
      .toString(),
  );
}

/** null where it does not apply. */
interface TrapRow extends Enclosing {
  readonly name: "search_path" | "role" | "session_authorization";
  readonly value: string;
  readonly role: string | null;
  readonly database: string | null;
  /** null for the server's configuration. */
  readonly setRole: string | null;
  readonly setDatabase: string | null;
  readonly routine: string | null;
  readonly oid: string | null;
  /** Slug of the tenant whose schema the routine is in. */
  readonly home: string | null;
  /** Who may change it. */
  readonly keeper: string;
}

const TRAPS = catalogQuery<TrapRow>("setting-traps.sql");

/** Settings by which others would run code of a tenant's. */
export async function settingTraps(catalogs: Catalogs): Promise<Leak[]> {
  const rows = await catalogs.rows(TRAPS);
  const routines = await catalogs.identified(
    rows.map(({ routine, oid }) => ({ type: "function", identity: routine ?? "", oid: oid ?? "0" })),
  );
  return rows.flatMap((found, index) => {
    const row = { ...found, routine: found.routine === null ? null : (routines[index]?.identity ?? found.routine) };
    const named = row.name === "search_path" ? schemasOf(row.value) : [row.value];
    return catalogs.ground.tenants
      .filter(
        ({ slug, schema, role }) => row.home !== slug && named.includes(row.name === "search_path" ? schema : role),
      )
      .map((tenant) => trapLeak(row, tenant, catalogs.superuser));
  });
}

function trapLeak(row: TrapRow, { role, schema }: DatabaseTenant, superuser: string): Leak {
  return {
    check: "search path",
    role,
    victim: row.home ?? undefined,
    schema,
    object: `${row.name} of ${row.setRole === "0" && row.setDatabase === "0" ? "all roles" : place(row)}`,
    statement:
      row.routine !== null
        ? `select proconfig from pg_proc where oid = ${row.oid}`
        : row.setRole === null
          ? `select reset_val from pg_settings where name = ${escapeLiteral(row.name)}`
          : `select setconfig from pg_db_role_setting where setrole = ${row.setRole} and setdatabase = ${row.setDatabase}`,
    closes:
      row.routine === null && row.setRole === null
        ? [`alter system set search_path to "$user", public`, "select pg_reload_conf()"].map((statement) => ({
            as: superuser,
            statement,
          }))
        : within(row.keeper, `alter ${place(row)} reset ${row.name}`, row),
    hint:
      row.name === "search_path"
        ? message("findsOthersObjects", { schema: quoteIdentifier(schema), role: quoteIdentifier(role) })
        : message("actsAsOther", { role: quoteIdentifier(role) }),
  };
}

/** What `alter` changes. */
function place({ role, database, routine, setRole }: TrapRow): string {
  if (routine !== null) return `routine ${routine}`;
  if (setRole === null) return "the server";
  if (role === null && database !== null) return `database ${quoteIdentifier(database)}`;
  return `role ${role === null ? "all" : quoteIdentifier(role)}${database === null ? "" : ` in database ${quoteIdentifier(database)}`}`;
}
