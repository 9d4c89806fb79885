import type { ClientBase } from "pg";

export interface TransactionOptions {
  /** As `begin` takes it, for example `isolation level repeatable read`. Has no effect inside another transaction. */
  readonly mode?: string;
  /** Roll back at the end even when `work` succeeds: for work that only reads, or that must leave nothing behind. */
  readonly rollBack?: boolean;
  /** Milliseconds to wait for the answer to a rollback; by default, as long as the session waits for any query. */
  readonly rollbackTimeout?: number;
}

/**
 * Runs `work` in a transaction: all that it does takes effect, or nothing. Inside another transaction it runs in a savepoint, so
 * that a failure leaves the outer transaction usable.
 *
 * @throws What `work` fails with; Error when the commit fails, or when `work` returns although one of its statements failed.
 */
export async function withTransaction<T>(
  client: ClientBase,
  work: () => Promise<T>,
  { mode = "", rollBack = false, rollbackTimeout }: TransactionOptions = {},
): Promise<T> {
  const nested = client.getTransactionStatus() === "T";
  const undo = nested ? "rollback to savepoint nested; release savepoint nested" : "rollback";
  await client.query(nested ? "savepoint nested" : `begin ${mode}`);
  let done = false;
  try {
    const result = await work();
    if (!rollBack) {
      const { command } = await client.query(nested ? "release savepoint nested" : "commit");
      done = true;
      // The server answers so to a commit after a failed statement. The client's own status may not have caught up with the failure.
      if (command === "ROLLBACK") throw new Error("nothing was changed: a statement of the transaction had failed");
    }
    return result;
  } finally {
    // Only a lost session refuses to roll back, and the server rolls that one back by itself.
    if (!done) await client.query(withTimeout(undo, rollbackTimeout)).catch(() => {});
  }
}

/** SQLSTATE of a lock that was not to be had within the session's `lock_timeout`. */
export const LOCK_NOT_AVAILABLE = "55P03";

/** Runs statements that take no parameters, all or none of them: PostgreSQL treats one message as one transaction. */
export async function runInOneMessage(client: ClientBase, statements: readonly string[]): Promise<void> {
  await client.query(statements.join("; "));
}

/** pg knows a time limit for a single query; its types do not. */
function withTimeout(text: string, milliseconds: number | undefined): { text: string } {
  const query = { text, query_timeout: milliseconds };
  return query;
}
