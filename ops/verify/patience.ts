import type { Client } from "pg";
import type { SessionPatience } from "../../database/connection";

/** How long verify waits, in milliseconds. */
export interface Patience extends Required<SessionPatience> {
  /** For the answer to the admin's first query, which costs the server nothing: it may accept a login and then be silent. */
  readonly firstQueryTimeout: number;
}

/**
 * An unreachable server has to be reported within fifteen seconds, some of which reading the settings takes. A query has more time than
 * the server's own time-out, so that only a server that has vanished is given up.
 */
export const PATIENCE: Patience = { connectTimeout: 8_000, firstQueryTimeout: 5_000, queryTimeout: 25_000 };

/** The server's time-out for a statement. */
export const STATEMENT_TIMEOUT = "20s";

/** How long to wait for a rollback, in milliseconds. When a session has fallen silent, its first failure is the one to report. */
export const ROLLBACK_TIMEOUT = 2_000;

/** A query that is given up earlier than the session's others. */
export async function queryWithin(milliseconds: number, client: Client, text: string): Promise<void> {
  const query = { text, query_timeout: milliseconds };
  await client.query(query);
}
