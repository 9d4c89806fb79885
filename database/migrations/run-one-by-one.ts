/** Runs a file whose statements cannot share a transaction. The ledger says at any moment which of them are finished. */
import { createHash } from "node:crypto";
import pRetry from "p-retry";
import { DatabaseError, escapeIdentifier } from "pg";
import type { SqlStatement } from "../sql-statements";
import { withTransaction } from "../transaction";
import { type FileRun, failure, StatementFailed, withLockRetries } from "./file-run";
import type { LedgerRow } from "./ledger-table";
import { isConcurrent, standsAlone } from "./migration-statements";
import { changedAfter } from "./pending";
import { hasTakenEffect } from "./unfinished";

/** Longest statement of such a file: an index of a big table takes hours. */
const LONGEST_ALONE = "4h";

/** How long another run's statements are waited for, looking once a second. */
const OTHER_RUN = { retries: 600, minTimeout: 1_000, factor: 1 };

/**
 * Who waits with a concurrent statement makes nobody else wait, and waits for all transactions of the database, whoever's: for the
 * backup of a neighbour, or for one that a neighbour never ends.
 */
const CONCURRENT_PATIENCE = 100;

class OtherRun extends Error {}

/** How many of a file's statements are finished, and how many begun: one more while one may have taken effect or not. */
type Progress = Pick<LedgerRow, "finished" | "begun">;

/**
 * Runs the statements that no earlier attempt has finished: each in a transaction together with its note in the ledger, or, where it
 * cannot run in one, between two notes.
 *
 * @returns Whether this session has run any, and not another one meanwhile.
 */
export async function runOneByOne(run: FileRun): Promise<boolean> {
  const { client, ledger, target, file, statements } = run;
  const before = await pRetry(() => claim(run), {
    ...OTHER_RUN,
    shouldRetry: ({ error }) => error instanceof OtherRun,
  });
  if (before === undefined) return false;
  await client.query(
    `set search_path to ${escapeIdentifier(target.schema)}; set statement_timeout = '${LONGEST_ALONE}'`,
  );
  const began = performance.now();
  for (const [index, statement] of statements.entries()) {
    if (index < before.finished) continue;
    const isResumed = index < before.begun;
    const runOne = standsAlone(statement.node) ? runAlone : runWithNote;
    await withLockRetries(target, () =>
      runOne(run, statement, index, isResumed).catch((error: unknown) => {
        throw failure(run, new StatementFailed(statement, error), outcomeOf(index, error));
      }),
    );
  }
  await client.query("set search_path to pg_catalog; set statement_timeout = '10min'");
  await ledger.note(file, performance.now() - began);
  return true;
}

function outcomeOf(done: number, error: unknown): string {
  if (!(error instanceof DatabaseError)) return "whether the statement took effect, the next run finds out";
  if (done === 0) return "none of the file's statements took effect";
  return `the file's first ${done === 1 ? "statement has" : `${done} statements have`} taken effect, and the next run goes on after ${done === 1 ? "it" : "them"}`;
}

/**
 * Makes this session the one that runs the file.
 *
 * @returns How far earlier attempts came; undefined when all of it has been run.
 */
async function claim(run: FileRun): Promise<Progress | undefined> {
  const { client, ledger, target, file, statements } = run;
  return withTransaction(client, async () => {
    await client.query(ledger.lock);
    const row = (await ledger.read())?.find(({ number }) => number === file.number);
    if (row?.done) return undefined;
    if (row && (await ledger.isBeingRun(file)))
      throw new OtherRun(
        `another deployment is running ${file.path} for tenant ${target.tenant}; try again when it has ended`,
      );
    const { finished, begun } = row ?? { finished: 0, begun: 0 };
    if (row && row.sha256 !== hashOf(statements, finished)) {
      throw new Error(
        `${changedAfter(file, row.name, [target.tenant])}. Of this file, statements may change from number ${finished + 1} on, which is the first that has not been run`,
      );
    }
    await note(run, { finished, begun });
    return { finished, begun };
  });
}

async function note({ ledger, file, statements }: FileRun, progress: Progress): Promise<void> {
  await ledger.noteStatements(file, { ...progress, sha256: hashOf(statements, progress.finished) });
}

/** Over the statements that are finished, in place of the whole file's hash, as long as not all of them are. */
function hashOf(statements: readonly SqlStatement[], finished: number): string {
  const hash = createHash("sha256");
  for (const { text } of statements.slice(0, finished)) hash.update(`${text.trim()};\n`);
  return hash.digest("hex");
}

async function runWithNote(run: FileRun, statement: SqlStatement, index: number): Promise<void> {
  const { client, target } = run;
  await withTransaction(client, async () => {
    await client.query(`set local lock_timeout = ${target.lockTimeout}`);
    await carryOut(run, statement);
    await note(run, { finished: index + 1, begun: index + 1 });
  });
}

async function runAlone(run: FileRun, statement: SqlStatement, index: number, isResumed: boolean): Promise<void> {
  const { client, target } = run;
  const patience = isConcurrent(statement.node) ? CONCURRENT_PATIENCE : 1;
  await client.query(`set lock_timeout = ${target.lockTimeout * patience}`);
  if (await hasTakenEffect(client, target.schema, statement.node, isResumed)) return;
  await note(run, { finished: index, begun: index + 1 });
  try {
    await carryOut(run, statement);
  } catch (error) {
    // Where the session is lost, nobody knows whether the statement has taken effect.
    await note(run, { finished: index, begun: index }).catch(() => {});
    throw error;
  }
}

async function carryOut(run: FileRun, statement: SqlStatement): Promise<void> {
  if (run.carryOut !== undefined) return run.carryOut(run, statement);
  await run.client.query(statement.text);
}
