import path from "node:path";
import { setTimeout } from "node:timers/promises";
import pLimit from "p-limit";
import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { printableList } from "../../domain/printable";
import { errorMessage } from "../error-message";
import { finding } from "../finding";
import { join, leaving } from "../membership";
import { loginsOf } from "../rotation/tenant-logins";
import { SqlFile } from "../sql-file";
import { quoteIdentifier } from "../sql-text";
import { LOCK_NOT_AVAILABLE, withTransaction } from "../transaction";

type Place = "role" | "schema";

/** A statement that takes rights away, and the role that has to run it. */
interface Revocation {
  readonly giver: string;
  readonly statement: string;
}

const GRANTED = new SqlFile<Revocation, "role">(path.join(__dirname, "granted-rights.sql"));
const PROMISED = new SqlFile<Revocation, Place>(path.join(__dirname, "promised-rights.sql"));

/** Something that keeps a role from being dropped. */
interface Reference {
  /** null for the database that the admin is in, or all of them. */
  readonly database: string | null;
  readonly way: "owned" | "named" | "rights" | "initial" | "elsewhere";
  /** In the server's words; in another database, their number. */
  readonly object: string;
}

const REFERENCES = new SqlFile<Reference, Place>(path.join(__dirname, "role-references.sql"));

/** Two removals at once would wait for each other where both have something to do with the same two neighbours. */
const oneByOne = pLimit(1);

/** A removal that drops its tables has these, and its role, which may be a giver here, locked for as long as it reads them. */
const LOCK_TIMEOUT = "5min";

/** Most such transactions are over in moments. */
const LOOKS = 8;
const LOOK_EVERY_MS = 250;

/** What would keep a role from being dropped, once its schema is gone and its rights elsewhere are taken away: each with what to do about it. */
export async function whatKeepsRole(admin: Client, schema: string, role: string): Promise<string[]> {
  const open = await openGrants(admin, role);
  if (open.length > 0) return open;
  return oneByOne(() => withTransaction(admin, () => takenFromLogins(admin, schema, role), { rollBack: true }));
}

/** Whoever grants a role something, or takes it back, and does not commit, would keep it from being dropped for as long. */
async function openGrants(admin: Client, role: string): Promise<string[]> {
  for (let look = 1; ; look += 1) {
    const { rows } = await admin.query<{ session: string }>(
      `select distinct format('%s of %s', pid, coalesce(usename, '')) as session from pg_locks join pg_stat_activity using (pid)
        where locktype = 'object' and classid = 'pg_authid'::regclass and granted and pid <> pg_backend_pid()
          and objid in (select oid from pg_roles where rolname = any ($1)) order by 1`,
      [await loginsOf(admin, role)],
    );
    if (rows.length === 0) return [];
    const found = finding(
      rows.map(({ session }) => session),
      `an open transaction gives ${role} rights, or takes them back, in session`,
      "let it finish, or end it: select pg_terminate_backend(PID)",
    );
    if (look === LOOKS && found !== undefined) return [found];
    await setTimeout(LOOK_EVERY_MS);
  }
}

/**
 * Takes away what a role may do in other schemas, and what it lets others do in what it would still make: PostgreSQL drops no role
 * that has such rights left, and a neighbour could keep a tenant from being removed by giving it some. All of it or nothing. What is
 * in its own schema stays, and goes with that.
 *
 * @param admin May make itself a member of each giver.
 * @throws Error that names all that keeps the role from being dropped nevertheless.
 */
export function endRightsElsewhere(admin: Client, schema: string, role: string): Promise<void> {
  const work = async () => {
    const left = await takenFromLogins(admin, schema, role);
    if (left.length > 0) throw new Error(left.join("; "));
  };
  return oneByOne(() => withTransaction(admin, work));
}

/** The second login is dropped as the role is, and a neighbour may have given it rights of its own. */
async function takenFromLogins(admin: Client, schema: string, role: string): Promise<string[]> {
  const left: string[] = [];
  for (const login of await loginsOf(admin, role)) left.push(...(await takenAway(admin, schema, login)));
  return left;
}

/** @returns What is left, and what to do about it. */
async function takenAway(admin: Client, schema: string, role: string): Promise<string[]> {
  await admin.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
  const refused = [
    ...(await carriedOut(admin, await GRANTED.rows(admin, { role }))),
    ...(await carriedOut(admin, await PROMISED.rows(admin, { role, schema }))),
  ];
  return described(role, schema, await REFERENCES.rows(admin, { role, schema }), refused);
}

/**
 * Takes away what others have granted to a role, as far as that can be done.
 *
 * @param admin In a transaction; may make itself a member of each giver.
 */
export async function takeGrantsAway(admin: Client, role: string): Promise<void> {
  await carriedOut(admin, await GRANTED.rows(admin, { role }));
}

/**
 * @returns The revocations that were refused, and why.
 * @throws Error at the first that somebody's open transaction is in the way of: each of the others could wait as long.
 */
async function carriedOut(admin: Client, revocations: readonly Revocation[]): Promise<string[]> {
  const refused: string[] = [];
  for (const { giver, statement } of revocations) {
    await withTransaction(admin, () => asGiver(admin, giver, statement)).catch((error: unknown) => {
      if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) {
        throw new Error(
          `${statement}, as ${giver}: an open transaction is in its way (${errorMessage(error)}): let it finish, or end it`,
        );
      }
      refused.push(`as ${giver}: ${statement} (${errorMessage(error)})`);
    });
  }
  return refused;
}

/** A right is taken back by the one who gave it; another's REVOKE passes it over without a word. Neither runs any code. */
async function asGiver(admin: Client, giver: string, statement: string): Promise<void> {
  const { rows } = await admin.query<{ self: boolean }>("select $1 = current_user as self", [giver]);
  if (rows[0]?.self) {
    await admin.query(statement);
    return;
  }
  const name = escapeIdentifier(giver);
  await join(admin, giver);
  await admin.query(`set local role ${name}`);
  await admin.query(statement);
  await admin.query("reset role");
  await admin.query(leaving(name));
}

function described(
  role: string,
  schema: string,
  references: readonly Reference[],
  refused: readonly string[],
): string[] {
  const of = (way: Reference["way"]) => references.filter((reference) => reference.way === way);
  const objects = (way: Reference["way"]) => of(way).map(({ object }) => object);
  const places = of("elsewhere").map(({ database, object }) => `database ${database} (${object})`);
  const dropped = `${role} could not be dropped, since`;
  return [
    finding(
      objects("owned"),
      `outside ${schema} belong to ${role}, and no backup holds`,
      "give it another owner, or drop it",
    ),
    finding(objects("named"), `${dropped} it is named in`, "name another role there, or drop it"),
    finding(
      objects("rights"),
      `${dropped} it has rights for`,
      `take them back, ${refused.length > 0 ? printableList(refused) : "as the role that has granted them"}`,
    ),
    finding(
      objects("initial"),
      `${dropped} an extension notes the rights that it had when it became its member:`,
      "take that out of the extension and put it back: alter extension … drop …, then add …",
    ),
    finding(
      places,
      `${dropped} objects elsewhere belong to it, name it or give it rights:`,
      `there, ${referencesHere(role)} lists them: drop them, give them another owner, or take the rights back`,
    ),
  ].filter((text) => text !== undefined);
}

/** A statement that lists what in a session's own database belongs to a role, names it or gives it rights. */
export function referencesHere(role: string): string {
  return (
    "select pg_describe_object(classid, objid, objsubid) as object from pg_shdepend join pg_database d on d.oid = dbid " +
    `where refobjid = ${escapeLiteral(quoteIdentifier(role))}::regrole and datname = current_database()`
  );
}
