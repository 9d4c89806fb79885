/** One file that is run for one tenant, and what its failures are told as. */
import pRetry from "p-retry";
import { type Client, DatabaseError } from "pg";
import type { ConnectionTarget } from "../../domain/connection-string";
import { scriptFailure } from "../script-failure";
import type { SqlStatement } from "../sql-statements";
import type { Ledger } from "./ledger";
import { digits, type MigrationFile } from "./migration-files";
import { isConcurrent } from "./migration-statements";

/** A tenant's schema, and the login of its owner. */
export interface MigratedTenant extends ConnectionTarget {
  readonly tenant: string;
  readonly schema: string;
  /** Milliseconds that a statement may wait for a lock, and so the most that the backend's queries wait behind it. */
  readonly lockTimeout: number;
}

/** One file, about to be run for one tenant. */
export interface FileRun {
  readonly client: Client;
  readonly ledger: Ledger;
  readonly target: MigratedTenant;
  readonly file: MigrationFile;
  readonly files: readonly MigrationFile[];
  readonly statements: readonly SqlStatement[];
  /** Whether the ledger has a row of it, which is not done. */
  readonly isNoted: boolean;
  /** undefined where nobody watches. */
  readonly carryOut: CarryOut | undefined;
}

/** Has the server carry out one statement of a run, in its session and transaction, for those who watch each. */
export type CarryOut = (run: FileRun, statement: SqlStatement) => Promise<void>;

const LOCK_RETRIES = 4;

/** lock_not_available, deadlock_detected */
const LOCK_FAILURES = new Set(["55P03", "40P01"]);

/**
 * Tries again what failed for a lock, after a third of the time that it waited, then twice that, and so on: after 1, 2, 4 and 8
 * seconds where a statement waits for three. The failure in the end is that of the last attempt.
 */
export function withLockRetries<T>({ lockTimeout }: MigratedTenant, work: () => Promise<T>): Promise<T> {
  return pRetry(work, {
    retries: LOCK_RETRIES,
    minTimeout: lockTimeout / 3,
    factor: 2,
    shouldRetry: ({ error }) => error instanceof LockFailure,
  });
}

/** Which statement failed. */
export class StatementFailed extends Error {
  constructor(
    readonly statement: SqlStatement,
    override readonly cause: unknown,
  ) {
    super("a statement has failed");
  }
}

/** A lock that was not to be had. */
class LockFailure extends Error {}

export function throwFailure(run: FileRun, error: unknown): never {
  if (error instanceof StatementFailed) throw failure(run, error, "nothing of this file was changed");
  if (error instanceof DatabaseError)
    throw scriptFailure(place(run), error, undefined, whereItStands(run, "nothing of this file was changed"));
  // Without an answer from the server the commit may have been carried out; the ledger tells the next run.
  throw error;
}

/** The failure of a statement, with what is in place now. */
export function failure(run: FileRun, { statement, cause }: StatementFailed, outcome: string): Error {
  const isLock = cause instanceof DatabaseError && LOCK_FAILURES.has(cause.code ?? "");
  const holder = isConcurrent(statement.node)
    ? "some transaction of the database, also another tenant's, was there before"
    : "a session of the tenant's, or the admin's, holds the lock";
  const advice = isLock ? `; ${holder}: see pg_stat_activity, and deploy again when it has ended` : "";
  const error = scriptFailure(place(run), cause, statement, `${whereItStands(run, outcome)}${advice}`);
  return isLock ? new LockFailure(error.message) : error;
}

function place({ file, target }: FileRun) {
  return { file: file.path, tenant: target.tenant, schema: target.schema };
}

function whereItStands({ file, files, target }: FileRun, outcome: string): string {
  const before = files[file.number - 2];
  return `${outcome}: ${target.tenant} stays at ${before?.name ?? `${digits(0)}, its first tables,`} and goes on working`;
}
