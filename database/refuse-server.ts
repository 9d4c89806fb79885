import { join } from "node:path";
import { type Client, escapeIdentifier } from "pg";
import { printable } from "../domain/printable";
import { Refusal } from "./existing-tenant";
import { isJoinable, isJoined } from "./membership";
import { majorOf, NEWEST_MAJOR, OLDEST_MAJOR, SINCE } from "./server-version";
import { SqlFile } from "./sql-file";
import { pasteableStatement } from "./sql-text";

/** What is not the admin's to close, in SQL, and what has to be run by whom. */
interface Opening {
  readonly object: string;
  readonly role: string;
  readonly statement: string;
}

const OPENINGS = new SqlFile<Opening, "admin" | "joined" | "joinable">(join(__dirname, "server-openings.sql"));

/**
 * Refuses a server that tenants cannot be kept apart on: of a major that nothing here was tried on, or whose database or schema `public` is
 * not the admin's to close. There the provider's REVOKE does nothing, without a word, and once more at every `up`. Before PostgreSQL 16 it
 * takes INHERIT for an admin to act on what a tenant owns.
 *
 * @throws Refusal that says what was found and what to do.
 */
export async function refuseServer(admin: Client): Promise<void> {
  const major = await majorOf(admin);
  if (major < OLDEST_MAJOR || major > NEWEST_MAJOR) {
    throw new Refusal(
      `the server at ${admin.host} is PostgreSQL ${major}, and this program supports ${OLDEST_MAJOR} to ${NEWEST_MAJOR} (docs/versions.md). ` +
        (major < OLDEST_MAJOR ? "Upgrade the server" : "Use a release of this program that knows it"),
    );
  }
  const reach = await admin.query<{ heir: boolean; joined: string; joinable: string }>(
    `select (select rolinherit or rolsuper from pg_roles where rolname = current_user) as heir,
            array(select oid from pg_roles where ${isJoined(major, "current_user")})::text as joined,
            array(select oid from pg_roles where ${isJoinable(major, "current_user")})::text as joinable`,
  );
  const { heir = true, joined = "{}", joinable = "{}" } = reach.rows[0] ?? {};
  if (!heir && major < SINCE.membershipOptions) {
    throw new Refusal(
      `${admin.user} has the attribute NOINHERIT, with which it has no rights of a role that it joins on PostgreSQL ${major}, so that no ` +
        `tenant could be removed. Nothing was changed. Run this, and deploy again:\nalter role ${escapeIdentifier(admin.user ?? "")} inherit;`,
    );
  }
  const rows = await OPENINGS.rows(admin, { admin: admin.user ?? "", joined, joinable });
  if (rows.length === 0) return;
  const lines = rows.map(
    ({ role, statement }) => `-- as ${printable(role)}, or as a superuser:\n${pasteableStatement(statement)};`,
  );
  const objects = [...new Set(rows.map(({ object }) => object))].join(" and ");
  throw new Refusal(
    `tenants would not be kept out of ${objects}: ${admin.user} does not control the privileges there, so what it grants or ` +
      "revokes there has no effect. Nothing was changed. Have this run in database " +
      `${escapeIdentifier(admin.database ?? "")}, and deploy again:\n${lines.join("\n")}`,
  );
}
