/** Runs a file whose statements cannot share a transaction. The ledger says at any moment which of them was begun last. */
import { createHash } from "node:crypto";
import pRetry from "p-retry";
import { type Client, escapeIdentifier } from "pg";
import type { SqlStatement } from "../sql-statements";
import { withTransaction } from "../transaction";
import { type FileRun, failure, StatementFailed, withLockRetries } from "./file-run";
import { changedAfter } from "./ledger";
import { isConcurrent } from "./migration-statements";

/** How long another run's statements are waited for, looking once a second. */
const OTHER_RUN = { retries: 600, minTimeout: 1_000, factor: 1 };

class OtherRun extends Error {}

/**
 * Runs the statements that no earlier attempt has finished. What a failed `concurrently` has left, an index that is not valid, is
 * dropped first.
 *
 * @returns Whether this session has run any, and not another one meanwhile.
 */
export async function runOneByOne(run: FileRun): Promise<boolean> {
  const { client, ledger, target, file, files, statements } = run;
  const first = await pRetry(() => claim(run), { ...OTHER_RUN, shouldRetry: ({ error }) => error instanceof OtherRun });
  if (first === undefined) return false;
  await client.query(`set search_path to ${escapeIdentifier(target.schema)}; set statement_timeout = 0`);
  const began = performance.now();
  for (const [index, statement] of statements.entries()) {
    if (index + 1 < first) continue;
    if (index + 1 > first) await ledger.noteStatement(file, index + 1, prefixHash(statements, index));
    const resumed = index + 1 === first;
    await withLockRetries(run.target, () =>
      runStatement(run, statement, resumed).catch((error: unknown) => {
        throw failure(run, new StatementFailed(statement, error), outcomeOf(index));
      }),
    );
  }
  await client.query("set search_path to pg_catalog; set statement_timeout = '10min'");
  await withTransaction(client, async () => {
    await ledger.note(file, performance.now() - began);
    await ledger.mark(files, file.number);
  });
  return true;
}

function outcomeOf(done: number): string {
  if (done === 0) return "none of the file's statements took effect";
  return `the file's first ${done === 1 ? "statement has" : `${done} statements have`} taken effect, and the next run goes on after ${done === 1 ? "it" : "them"}`;
}

/**
 * Makes this session the one that runs the file.
 *
 * @returns The statement to begin with, from 1; undefined when all of them have been run.
 */
async function claim({ client, ledger, target, file, statements }: FileRun): Promise<number | undefined> {
  return withTransaction(client, async () => {
    await ledger.lock();
    const row = (await ledger.read())?.find(({ number }) => number === file.number);
    if (row?.done) return undefined;
    if (row?.running)
      throw new OtherRun(
        `another deployment is running ${file.path} for tenant ${target.tenant}; try again when it has ended`,
      );
    const first = row?.statement ?? 1;
    if (row && row.sha256 !== prefixHash(statements, first - 1)) {
      throw new Error(
        `${changedAfter(file, row.name, [target.tenant])}. Of this file, statements may change from number ${first} on, which is the first that has not been run`,
      );
    }
    await ledger.noteStatement(file, first, prefixHash(statements, first - 1));
    return first;
  });
}

/** Over the statements that have been run, in place of the whole file's hash, as long as not all have been. */
function prefixHash(statements: readonly SqlStatement[], count: number): string {
  const hash = createHash("sha256");
  for (const { text } of statements.slice(0, count)) hash.update(`${text.trim()};\n`);
  return hash.digest("hex");
}

async function runStatement(run: FileRun, statement: SqlStatement, resumed: boolean): Promise<void> {
  const { client, target } = run;
  // Whoever waits with a concurrent statement makes nobody else wait.
  const lockTimeout = isConcurrent(statement.node) ? 0 : target.lockTimeout;
  await client.query(`set lock_timeout = ${lockTimeout}`);
  const { node } = statement;
  if ("IndexStmt" in node && node.IndexStmt.concurrent && node.IndexStmt.idxname) {
    const valid = await indexValidity(client, target.schema, node.IndexStmt.idxname);
    // An attempt that died between the statement and the ledger.
    if (valid && resumed) return;
    if (valid === false) await dropIndex(client, target.schema, node.IndexStmt.idxname);
  }
  if ("ReindexStmt" in node) await dropLeftovers(client, target.schema);
  await run.carryOut(run, statement);
}

/** undefined where there is no index of that name. */
async function indexValidity(client: Client, schema: string, name: string): Promise<boolean | undefined> {
  const { rows } = await client.query<{ valid: boolean }>(
    `select indisvalid as valid from pg_index join pg_class c on c.oid = indexrelid
      where relnamespace = (select oid from pg_namespace where nspname = $1) and relname = $2`,
    [schema, name],
  );
  return rows[0]?.valid;
}

/** `reindex concurrently` builds under names of its own. */
async function dropLeftovers(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select relname::text as name from pg_index join pg_class c on c.oid = indexrelid
      where relnamespace = (select oid from pg_namespace where nspname = $1) and not indisvalid and relname ~ '_cc(new|old)[0-9]*$'`,
    [schema],
  );
  for (const { name } of rows) await dropIndex(client, schema, name);
}

async function dropIndex(client: Client, schema: string, name: string): Promise<void> {
  await client.query(`drop index concurrently if exists ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
}
