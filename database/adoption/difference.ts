import { type Client, escapeIdentifier } from "pg";
import { printable, UNPRINTABLE } from "../../domain/printable";

/** A tenant that is to be taken over. */
export interface HandMade {
  readonly role: string;
  readonly roleOid: string;
  readonly schema: string;
  readonly schemaOid: string;
}

/** Something that a tenant of this program does not have, and that the program does not put right by itself. */
export interface Difference {
  /** What it is. May hold names that others chose. */
  readonly what: string;
  /** What puts it right, without a semicolon. Names in it are quoted. Undefined when a person has to decide on that. */
  readonly statement: string | undefined;
  /** Roles whose rights the statement takes. */
  readonly as: readonly string[];
}

/**
 * Differences as SQL to look at and to run in one go: each statement under a comment that says why it is needed, and around them
 * all the memberships that the admin needs and does not have.
 */
export async function pasteable(admin: Client, differences: readonly Difference[]): Promise<string> {
  const roles = await missingMemberships(admin, [...new Set(differences.flatMap((difference) => difference.as))]);
  const lines = differences.flatMap(({ what, statement }) => [
    `-- ${printable(what)}`,
    ...(statement === undefined ? [] : closed([statement])),
  ]);
  const { user } = admin;
  const self = escapeIdentifier(user ?? "");
  // Since PostgreSQL 16 the creator of a role may pass membership on, yet has none of its rights.
  const before = roles.map((role) => `grant ${escapeIdentifier(role)} to ${self} with inherit true, set true`);
  const after = roles.map((role) => `revoke ${escapeIdentifier(role)} from ${self}`);
  return [...closed(before), ...lines, ...closed(after)].join("\n");
}

function closed(statements: readonly string[]): string[] {
  return statements.map((statement) => `${onOneLine(statement)};`);
}

/** Those of the roles that the admin can be made to act as, and cannot yet. Nobody can be made to act as a superuser. */
async function missingMemberships(admin: Client, roles: readonly string[]): Promise<string[]> {
  const { rows } = await admin.query<{ role: string }>(
    `select rolname as role from pg_roles
      where rolname = any($1) and not rolsuper and rolname <> current_user and rolname !~ '^pg_'
        and not (pg_has_role(oid, 'USAGE') and pg_has_role(oid, 'SET'))
      order by 1`,
    [roles],
  );
  return rows.map(({ role }) => role);
}

/** A statement that cannot be shown as it is, for a character in one of its names, is written so that it can, and run all the same. */
function onOneLine(statement: string): string {
  if (statement.search(UNPRINTABLE) < 0) return statement;
  const text = statement.replace(/'/g, "''").replace(/\\/g, "\\\\");
  const escaped = text.replace(UNPRINTABLE, (c) => `\\+${(c.codePointAt(0) ?? 0).toString(16).padStart(6, "0")}`);
  return `do U&'begin ${escaped}; end'`;
}
