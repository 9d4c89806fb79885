import type { ConnectionOptions } from "node:tls";
import { Client } from "pg";
import type { ConnectionTarget } from "../domain/connection-string";
import { errorMessage } from "./error-message";
import { tellHowItEnds } from "./session-end";
import { learnOptions, sessionOptions } from "./session-options";
import { sayingTakenRights } from "./taken-rights";
import { TLS_ADVICE } from "./tls-advice";

const CONNECT_TIMEOUT_MS = 10_000;

/** Longer than any statement of a tenant's session may take by the server's own count, in case the server does not count. */
const QUERY_TIMEOUT_MS = 11 * 60_000;

type Advice = Readonly<Record<string, string>>;

/** "out of shared memory", which says nothing of locks. */
export const OUT_OF_LOCKS = "53200";

/** What to do about the refusals that a person can do something about, by SQLSTATE. */
const ADVICE: Advice = {
  "28P01": "if the password was changed by hand, raise rotation.password in the tenant's file",
  "28000": "the server's pg_hba.conf or its rds.force_ssl refuses this login; see b2b-tenants:database sslmode",
  "53300": "close some of the tenant's sessions, or raise database.connectionLimit in the tenant's file",
  [OUT_OF_LOCKS]:
    "a session holds so many locks that the server has no room for others: in any session that is still open, " +
    "`select pid, count(*) from pg_locks group by pid order by 2 desc`, and `select pg_terminate_backend(pid)` of the first; if there is " +
    "none, try again a few times, or restart the server",
};

const ADMIN_ADVICE: Advice = {
  ...ADVICE,
  "28P01": "set the admin's password of today (b2b-tenants:adminPassword, or PGPASSWORD)",
  "53300": "the server has no connection left: close some sessions, or raise its max_connections",
};

const UNREACHABLE =
  "check host and port in b2b-tenants:database, and that the database's security group admits this machine";

/**
 * Logs in as a tenant, hands the session to `work`, and closes it whatever happens.
 *
 * @throws ConnectionRefused when there is no session to be had: its message names the server, never the password.
 */
export function withConnection<T>(
  target: ConnectionTarget,
  work: (client: Client) => Promise<T>,
  { queryTimeout = QUERY_TIMEOUT_MS, settings = {}, ...options }: TenantConnectionOptions = {},
): Promise<T> {
  return inSession(target, { statementTimeout: "30s", queryTimeout, settings, ...options }, ADVICE, work);
}

/** How long the server is waited for. */
export interface SessionPatience {
  /** Milliseconds until the server is held to be out of reach; default ten seconds. */
  readonly connectTimeout?: number;
  /**
   * Milliseconds in which each query has to be answered, by the client's own count, whatever the server does; more than the
   * session's `statement_timeout`. By default a tenant's session waits eleven minutes, and the admin's for ever.
   */
  readonly queryTimeout?: number;
}

export interface TenantConnectionOptions extends SessionPatience {
  /**
   * What else the session begins with, for example `{ statement_timeout: "5s" }`; the server has to know each setting. undefined leaves
   * one to the server.
   */
  readonly settings?: Readonly<Record<string, string | undefined>>;
}

/**
 * Logs in as the admin, hands the session to `work`, and closes it whatever happens. A statement may take as long as it needs: a
 * backup reads every row. The session looks names up in the system's own schema, so no tenant's function can slip in.
 *
 * @throws ConnectionRefused when there is no session to be had: its message names the server, never the password.
 */
export function withAdminConnection<T>(
  target: ConnectionTarget,
  work: (client: Client) => Promise<T>,
  options: TenantConnectionOptions = {},
): Promise<T> {
  return inSession(target, { statementTimeout: "0", ...options }, ADMIN_ADVICE, work);
}

type SessionOptions = TenantConnectionOptions & { readonly statementTimeout: string };

async function inSession<T>(
  target: ConnectionTarget,
  options: SessionOptions,
  advice: Advice,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await logIn(target, options, advice);
  try {
    return await work(client).catch(async (error: unknown) => {
      throw fellSilent(error) ? new SessionSilent(target) : await sayingTakenRights(client, error);
    });
  } finally {
    await client.end().catch(() => {});
  }
}

async function logIn(target: ConnectionTarget, options: SessionOptions, advice: Advice): Promise<Client> {
  const { statementTimeout, settings = {}, connectTimeout = CONNECT_TIMEOUT_MS, queryTimeout } = options;
  const asked = sessionOptions(target, { statement_timeout: statementTimeout, ...settings });
  const client = new Client({
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: target.password,
    ssl: tlsOptions(target.sslmode),
    application_name: "b2b-tenants",
    options: asked,
    // Of a server that has vanished while a long statement ran, nothing else would ever tell.
    keepAlive: true,
    connectionTimeoutMillis: connectTimeout,
    query_timeout: queryTimeout,
  });
  tellHowItEnds(client);
  try {
    await client.connect();
    learnOptions(target, asked);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    if (learnOptions(target, asked, error)) return logIn(target, options, advice);
    throw new ConnectionRefused(target, error, advice);
  }
}

/** A query that had a time to be answered in was not answered; in pg's own words, which has no other sign of it. */
export function fellSilent(error: unknown): boolean {
  return error instanceof Error && error.message === "Query read timeout";
}

/** There was a session, and its server has stopped answering. */
export class SessionSilent extends Error {
  constructor({ user, host, port, database }: ConnectionTarget) {
    super(
      `PostgreSQL at ${host}:${port}, database ${database}, let ${user} in and then stopped answering: it is overloaded, or ` +
        "the network on the way to it fails; try again",
    );
  }
}

/** No session: the server is out of reach, or refuses the login. */
export class ConnectionRefused extends Error {
  /** When it was the server that refused. */
  readonly sqlState: string | undefined;

  constructor(target: ConnectionTarget, error: unknown, advices: Advice = ADVICE) {
    const code = codeOf(error);
    const advice = adviceFor(code, advices);
    const { user, host, port, database } = target;
    super(
      `cannot log in as ${user} to PostgreSQL at ${host}:${port}, database ${database}: ${errorMessage(error)}` +
        (advice ? `; ${advice}` : ""),
    );
    this.sqlState = code !== undefined && isSqlState(code) ? code : undefined;
  }
}

function adviceFor(code: string | undefined, advices: Advice): string | undefined {
  if (code === undefined) return UNREACHABLE;
  if (isSqlState(code)) return advices[code];
  return TLS_ADVICE.find(([codes]) => codes.test(code))?.[1] ?? UNREACHABLE;
}

/** libpq's meaning of `sslmode`: `require` encrypts without asking who answers, the others check against Node's trusted CAs. */
export function tlsOptions(sslmode: ConnectionTarget["sslmode"]): false | ConnectionOptions {
  switch (sslmode) {
    case "disable":
      return false;
    case "require":
      return { rejectUnauthorized: false };
    case "verify-ca":
      return { rejectUnauthorized: true, checkServerIdentity: () => undefined };
    case "verify-full":
      return { rejectUnauthorized: true };
  }
}

/** The code of Node, OpenSSL or PostgreSQL; of a host with two addresses, that of the first. */
function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
}
