import { type Client, escapeIdentifier } from "pg";
import { printable } from "../../domain/printable";
import { errorMessage } from "../error-message";
import { withTransaction } from "../transaction";
import { lockedSequences } from "./contents/sequence-values";

/** Longest that a table may stay locked by somebody else. */
const LOCK_TIMEOUT = "10s";

/**
 * Locks every table of a schema, and every sequence against being dropped or renamed, until the end of the caller's transaction:
 * against writing (`share`), or against everybody.
 *
 * @param session In a transaction, which stays usable when a lock is not to be had.
 * @returns Their names, qualified and quoted.
 * @throws Error that names the table, and who holds it.
 */
export async function lockTables(session: Client, schema: string, mode: LockMode): Promise<readonly string[]> {
  const { rows } = await session.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1)
        and relkind in ('r', 'p') order by relname`,
    [schema],
  );
  await session.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
  const tables: string[] = [];
  for (const { name } of rows) tables.push(await lockTable(session, schema, name, mode));
  // pg_dump reads a sequence by its name, with the admin's rights: nothing else may come to bear that name.
  await lockedSequences(session, schema);
  return tables;
}

type LockMode = "share" | "access exclusive";

/**
 * Locks a table, for as long as the session's `lock_timeout` allows to wait.
 *
 * @param session In a transaction, which stays usable when the lock is not to be had.
 * @returns Its name, qualified and quoted.
 * @throws Error that names the table, and who holds it.
 */
export async function lockTable(session: Client, schema: string, name: string, mode: LockMode): Promise<string> {
  const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
  const lock = () => session.query(`lock table only ${table} in ${mode} mode`);
  const lockAsOwner = (error: unknown) => {
    if ((error as { code?: string }).code !== PERMISSION_DENIED) throw error;
    return withTransaction(session, () => withRightToWrite(session, table, lock));
  };
  await withTransaction(session, lock)
    .catch(lockAsOwner)
    .catch(async (error: unknown) => {
      throw new Error(`table ${printable(name)}: ${errorMessage(error)}${await holders(session, table)}`);
    });
  return table;
}

const PERMISSION_DENIED = "42501";

/**
 * A lock takes a right to write, and an owner may have taken its own away, as of a journal that only grows. It may give it back to itself,
 * which nobody sees who is outside of this transaction. Of the rights to write, none of a column's goes with the one to truncate.
 */
async function withRightToWrite(session: Client, table: string, work: () => Promise<unknown>): Promise<void> {
  const { rows } = await session.query<{ owner: string }>(
    "select quote_ident(pg_get_userbyid(relowner)) as owner from pg_class where oid = $1::regclass",
    [table],
  );
  const owner = rows[0]?.owner ?? "";
  await session.query(`grant truncate on ${table} to ${owner}`);
  await work();
  await session.query(`revoke truncate on ${table} from ${owner}`);
}

/** Who keeps a table from being locked, in words that go on a sentence. */
async function holders(session: Client, table: string): Promise<string> {
  const { rows } = await session.query<{ pid: number; name: string; application: string }>(
    `select distinct pid, usename as name, application_name as application from pg_locks join pg_stat_activity using (pid)
      where relation = $1::regclass and granted and pid <> pg_backend_pid() order by pid`,
    [table],
  );
  if (rows.length === 0) return "";
  const sessions = rows.map(({ pid, name, application }) => `${pid} of ${printable(`${name} ${application}`.trim())}`);
  return `; it is held by session ${sessions.join(", ")}: let it finish, or end it (select pg_terminate_backend(PID))`;
}
