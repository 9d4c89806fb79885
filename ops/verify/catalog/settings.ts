import { escapeLiteral } from "pg";
import { quoteIdentifier } from "../../../database/sql-text";
import type { Leak, Remedy } from "../leak";
import { type Catalogs, catalogQuery } from "./catalogs";

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
  const parts = path.split(",").map((part) => part.trim().replace(/^"(.*)"$/, "$1"));
  const others = parts.filter((part) => part !== "pg_catalog");
  return others.length === 1 && others[0] === schema;
}

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

const TRAPS = catalogQuery<TrapRow>("setting-traps.sql");

/** Settings by which the admin, or everybody, would run code of a tenant's. */
export async function settingTraps(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(TRAPS)).map((row) => ({
    check: "search path",
    role: row.tenant,
    victim: undefined,
    schema: row.schema,
    object: `${row.name} of ${row.role === null && row.database === null ? "all roles" : place(row)}`,
    statement: `select setconfig from pg_db_role_setting where setrole = ${row.setRole} and setdatabase = ${row.setDatabase}`,
    closes: [{ as: row.keeper, statement: `alter ${place(row)} reset ${row.name}` }],
    hint:
      row.name === "search_path"
        ? `what is called without its schema may be found in ${quoteIdentifier(row.schema)}, where ${quoteIdentifier(row.tenant)} puts what it likes`
        : `it makes the sessions act as ${quoteIdentifier(row.tenant)}, whose code can end that, and go on with their rights`,
  }));
}

/** What `alter` changes. */
function place({ role, database }: TrapRow): string {
  if (role === null && database !== null) return `database ${quoteIdentifier(database)}`;
  return `role ${role === null ? "all" : quoteIdentifier(role)}${database === null ? "" : ` in database ${quoteIdentifier(database)}`}`;
}
