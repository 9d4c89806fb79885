import { type Client, DatabaseError, type QueryResultRow } from "pg";
import { withAdminConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { adminTarget } from "../stack/admin-target";
import type { StackAccess } from "../stack/stack-access";

/** A person should hear of an unreachable server within fifteen seconds, of which the stack's settings take some. */
const CONNECT_TIMEOUT_MS = 8_000;

/** Longer than the server gives a statement, so only a server that has vanished is given up. */
const QUERY_TIMEOUT_MS = 10_000;

/** The report only reads. It writes nothing, waits for no lock, and gives up before it becomes a load. */
const READ_ONLY = `
  set default_transaction_read_only = on;
  set statement_timeout = '5s';
  set lock_timeout = '1s';
  set jit = off;
  set max_parallel_workers_per_gather = 0`;

/** The session's own limits that a statement can reach, by SQLSTATE. */
const LIMITS = new Map<string | undefined, LimitReached["limit"]>([
  ["55P03", "lock"],
  ["57014", "time"],
]);

/** SQLSTATEs of a session that is over: the server shuts down, or somebody has ended it. */
const ENDED = /^(57P|08)/;

/** Runs a query in the report's session. @throws QueryRefused, also LimitReached; Error when the session is lost. */
export type Read = <Row extends QueryResultRow>(sql: string, values?: readonly unknown[]) => Promise<Row[]>;

/** The server refuses a query; the message holds its words, fit for a terminal. The session can be used as before. */
export class QueryRefused extends Error {}

/** A query of the report was ended because it waited for a lock, or took too long. */
export class LimitReached extends QueryRefused {
  constructor(
    readonly limit: "lock" | "time",
    message: string,
  ) {
    super(`a query of the report was given up (${message}): the server is busy, try again later`);
  }
}

/**
 * Hands `work` a session of the admin that reads only, and whose statements end soon.
 *
 * @param signal Ends the session early: someone who no longer wants the report does not wait for the server.
 * @throws Error that says what is wrong, also when the session is lost on the way.
 */
export function withReportSession<Result>(
  access: StackAccess,
  work: (read: Read) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const { host, port } = access.settings.database;
  const session = async (client: Client) => {
    signal?.addEventListener("abort", () => void client.end().catch(() => {}), { once: true });
    const read = reader(client, `${host}:${port}`);
    await read(READ_ONLY);
    return work(read);
  };
  return withAdminConnection(adminTarget(access), session, { connectTimeout: CONNECT_TIMEOUT_MS });
}

function reader(client: Client, server: string): Read {
  return async <Row extends QueryResultRow>(text: string, values?: readonly unknown[]) => {
    try {
      const query = { text, ...(values ? { values: [...values] } : {}), query_timeout: QUERY_TIMEOUT_MS };
      return (await client.query<Row>(query)).rows;
    } catch (error) {
      if (!(error instanceof DatabaseError) || ENDED.test(error.code ?? "")) {
        throw new Error(`the session with PostgreSQL at ${server} is lost: ${errorMessage(error)}`);
      }
      const limit = LIMITS.get(error.code);
      throw limit === undefined ? new QueryRefused(errorMessage(error)) : new LimitReached(limit, errorMessage(error));
    }
  };
}
