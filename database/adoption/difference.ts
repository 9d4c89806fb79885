/** What a tenant made by hand has that a tenant of this program does not have, and the SQL that takes it away. */
import { join } from "node:path";
import { type Client, escapeIdentifier } from "pg";
import { printable } from "../../domain/printable";
import { isJoined, joining } from "../membership";
import { type Identified, withRoutineArguments } from "../object-identity";
import { majorOf } from "../server-version";
import { SqlFile } from "../sql-file";
import { pasteableStatement } from "../sql-text";

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

/** Finds the differences of one kind. */
export type FindDifferences = (admin: Client, tenant: HandMade) => Promise<Difference[]>;

/**
 * The differences that the rows of a query in this folder are.
 *
 * @param file Has the parameters `schema` and `role`. A row about an object has its `type`, `identity` and `oid`.
 */
export function differencesIn<Row extends object>(
  file: string,
  differenceOf: (row: Row, tenant: HandMade, admin: Client) => Difference,
): FindDifferences {
  const query = new SqlFile<Row & Partial<Identified>, "schema" | "role">(join(__dirname, file));
  return async (admin, tenant) => {
    const rows = await query.rows(admin, { schema: tenant.schemaOid, role: tenant.roleOid });
    return (await withRoutineArguments(admin, rows)).map((row) => differenceOf(row, tenant, admin));
  };
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
  const self = escapeIdentifier(admin.user ?? "");
  const major = await majorOf(admin);
  const before = roles.map((role) => joining(major, escapeIdentifier(role), self));
  const after = roles.map((role) => `revoke ${escapeIdentifier(role)} from ${self}`);
  return [...closed(before), ...lines, ...closed(after)].join("\n");
}

function closed(statements: readonly string[]): string[] {
  return statements.map((statement) => `${pasteableStatement(statement)};`);
}

/** Those of the roles that the admin can be made to act as, and cannot yet. Nobody can be made to act as a superuser. */
async function missingMemberships(admin: Client, roles: readonly string[]): Promise<string[]> {
  const { rows } = await admin.query<{ role: string }>(
    `select rolname as role from pg_roles
      where rolname = any($1) and not rolsuper and rolname <> current_user and rolname !~ '^pg_'
        and not ${isJoined(await majorOf(admin), "current_user")}
      order by 1`,
    [roles],
  );
  return rows.map(({ role }) => role);
}
