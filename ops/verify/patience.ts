import type { Client } from "pg";
import type { SessionPatience } from "../../database/connection";

/** How long verify waits, in milliseconds. */
export interface Patience extends Required<SessionPatience> {
  /** For the answer to the admin's first query, which takes a server no time: one may let in and then be silent. */
  readonly firstQueryTimeout: number;
}

/**
 * Of the fifteen seconds in which an unreachable server has to be told of, some go to the settings. A query has longer than the
 * server itself gives it, so that only a server which has vanished is not waited for.
 */
export const PATIENCE: Patience = { connectTimeout: 8_000, firstQueryTimeout: 5_000, queryTimeout: 25_000 };

/** What the server gives a statement. */
export const STATEMENT_TIMEOUT = "20s";

/** How long to wait for a rollback, in milliseconds: of a session that has fallen silent, what happened first tells why. */
export const ROLLBACK_TIMEOUT = 2_000;

/** A query that is given up earlier than the session's others. */
export async function queryWithin(milliseconds: number, client: Client, text: string): Promise<void> {
  const query = { text, query_timeout: milliseconds };
  await client.query(query);
}
