/** Leaks that are open to every tenant of the server: languages and large objects. */

import { escapeLiteral } from "pg";
import { quoteIdentifier } from "../../../database/sql-text";
import { message } from "../../message";
import type { Leak, Remedy } from "../leak";
import { type Catalogs, catalogQuery } from "./catalogs";

/**
 * A pattern for languages whose functions can do whatever the server's own account can, for example read its files. PostgreSQL leaves them
 * to superusers, unless somebody makes them trusted: then whoever may use the language may write such functions in a schema of its own.
 * Languages that have a trusted twin end in `u`.
 */
export const UNTRUSTED_LANGUAGES = "^(internal|c|plsh|plr|pl.*u)$";

/** Untrusted languages that somebody has made trusted, so that everybody may write functions in them. */
export async function languages(catalogs: Catalogs): Promise<Leak[]> {
  const rows = await catalogs.query<{ name: string }>(
    "select lanname::text as name from pg_language where lanpltrusted and lanname ~ $1 order by 1",
    UNTRUSTED_LANGUAGES,
  );
  return rows.map(({ name }) => ({
    check: "system object",
    role: "public",
    victim: undefined,
    object: `language ${quoteIdentifier(name)}`,
    statement: `select lanpltrusted from pg_language where lanname = ${escapeLiteral(name)}`,
    closes: [
      {
        as: catalogs.superuser,
        statement: `update pg_catalog.pg_language set lanpltrusted = false where lanname = ${escapeLiteral(name)}`,
      },
    ],
    hint: message("languageForAll"),
  }));
}

/** While this is on, no right on a large object is checked. Only a superuser can set it, for the server, a database or a role. */
const SETTING = "lo_compat_privileges";

interface SettingRow {
  /** null for all. */
  readonly role: string | null;
  /** null for all. */
  readonly database: string | null;
}

const LARGE_OBJECT_WALL = catalogQuery<SettingRow>("large-object-wall.sql");

/** Every tenant may read and write every large object. */
export async function largeObjectWall(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(LARGE_OBJECT_WALL)).map((row) => ({
    check: "large object",
    role: row.role ?? "public",
    victim: undefined,
    object: `setting ${SETTING}`,
    statement: `show ${SETTING}`,
    closes: remedies(row, catalogs.superuser),
    hint: message("parameterGroup"),
  }));
}

function remedies({ role, database }: SettingRow, superuser: string): Remedy[] {
  const within = database === null ? "" : quoteIdentifier(database);
  const statements =
    role !== null
      ? [`alter role ${quoteIdentifier(role)}${within && ` in database ${within}`} reset ${SETTING}`]
      : within
        ? [`alter database ${within} reset ${SETTING}`, `alter role all in database ${within} reset ${SETTING}`]
        : [`alter role all reset ${SETTING}`, `alter system set ${SETTING} to off`, "select pg_reload_conf()"];
  return statements.map((statement) => ({ as: superuser, statement }));
}
