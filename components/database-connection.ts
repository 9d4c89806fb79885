import type { ConnectionOptions } from "node:tls";
import { Client, type ClientConfig } from "pg";
import type { ConnectionTarget } from "../domain/connection-string";

const CONNECT_TIMEOUT_MS = 10_000;

/** Longer than any statement of a tenant's session may take by the server's own count, in case the server does not count. */
const QUERY_TIMEOUT_MS = 11 * 60_000;

/**
 * A tenant may set these for its role, and so decide how a session of its role begins; what a client asks for at its start
 * counts more. Names are looked up in the system's own schema, nothing waits for ever, and no error or pause ends the session.
 */
const SESSION_OPTIONS = [
  "-c search_path=pg_catalog",
  "-c role=none",
  "-c exit_on_error=off",
  "-c lock_timeout=15s",
  "-c idle_in_transaction_session_timeout=0",
  "-c idle_session_timeout=0",
  "-c local_preload_libraries=",
  "-c default_transaction_read_only=off",
].join(" ");

type Advice = Readonly<Record<string, string>>;

/** What to do about the refusals that a person can do something about, by SQLSTATE. */
const ADVICE: Advice = {
  "28P01": "if the password was changed by hand, raise rotation.password in the tenant's file",
  "28000": "the server's pg_hba.conf or its rds.force_ssl refuses this login; see b2b-tenants:database sslmode",
  "53300": "close some of the tenant's sessions, or raise database.connectionLimit in the tenant's file",
};

const ADMIN_ADVICE: Advice = {
  ...ADVICE,
  "28P01":
    "set the admin's password of today (b2b-tenants:adminPassword, or PGPASSWORD), run `up`, and then this again",
  "53300": "the server has no connection left: close some sessions, or raise its max_connections",
};

const UNTRUSTED =
  "this machine does not trust who signed the server's certificate: set NODE_EXTRA_CA_CERTS to a file with RDS's CA bundle " +
  "(https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem), or say 'sslmode: require' in b2b-tenants:database, " +
  "which encrypts without asking who answers";

const NOT_VALID_TODAY =
  "the server's certificate is not valid today: check this machine's clock, renew the certificate on the server (for RDS, " +
  "rotate it), and bring the CA bundle in NODE_EXTRA_CA_CERTS up to date";

const OTHER_NAME =
  "the server's certificate is for another name: give the server's own name as host in b2b-tenants:database, or say " +
  "'sslmode: verify-ca' there, which does not compare names";

/** What to do when server and client do not come to an encrypted session, by the codes of Node and OpenSSL; the first match counts. */
const TLS_ADVICE: readonly (readonly [RegExp, string])[] = [
  [/^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_SELF_SIGNED_|CERT_UNTRUSTED$)/, UNTRUSTED],
  [/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/, NOT_VALID_TODAY],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, OTHER_NAME],
  [
    /^(CERT_|INVALID_|ERR_TLS_|ERR_SSL_|EPROTO$)/,
    "the encrypted connection could not be made; see sslmode in b2b-tenants:database",
  ],
];

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
  { settings = {} }: TenantConnectionOptions = {},
): Promise<T> {
  return inSession(target, { statementTimeout: "30s", query_timeout: QUERY_TIMEOUT_MS, settings }, ADVICE, work);
}

export interface TenantConnectionOptions {
  /** What else the session begins with, as `{ transaction_timeout: "0" }`; the server has to know each setting. */
  readonly settings?: Readonly<Record<string, string>>;
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
  { connectTimeout = CONNECT_TIMEOUT_MS }: AdminConnectionOptions = {},
): Promise<T> {
  const limits = { statementTimeout: "0", connectionTimeoutMillis: connectTimeout };
  return inSession(target, limits, ADMIN_ADVICE, work);
}

export interface AdminConnectionOptions {
  /** Milliseconds until the server is held to be out of reach; default ten seconds. */
  readonly connectTimeout?: number;
}

type SessionLimits = Pick<ClientConfig, "query_timeout" | "connectionTimeoutMillis"> & {
  readonly statementTimeout: string;
  readonly settings?: Readonly<Record<string, string>>;
};

async function inSession<T>(
  target: ConnectionTarget,
  { statementTimeout, settings = {}, ...limits }: SessionLimits,
  advice: Advice,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: target.password,
    ssl: tlsOptions(target.sslmode),
    application_name: "b2b-tenants",
    options: [
      SESSION_OPTIONS,
      ...Object.entries({ statement_timeout: statementTimeout, ...settings }).map(
        ([name, value]) => `-c ${name}=${value}`,
      ),
    ].join(" "),
    // Of a server that has vanished while a long statement ran, nothing else would ever tell.
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...limits,
  });
  // A session that the server ends between two statements is reported by the next one; unheard, it would end the process.
  client.on("error", () => {});
  try {
    await client.connect().catch((error: unknown) => {
      throw new ConnectionRefused(target, error, advice);
    });
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** No session: the server is out of reach, or refuses the login. */
export class ConnectionRefused extends Error {
  /** When it was the server that refused. */
  readonly sqlState: string | undefined;

  constructor(target: ConnectionTarget, error: unknown, advices: Advice = ADVICE) {
    const { code, message } = reason(error);
    const advice = adviceFor(code, advices);
    super(
      `cannot log in as ${target.user} to PostgreSQL at ${target.host}:${target.port}, database ${target.database}: ${message}${advice ? `; ${advice}` : ""}`,
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

/** A host with two addresses fails with one error per address and no message of its own. */
function reason(error: unknown): { code: string | undefined; message: string } {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  if (!(error instanceof Error)) return { code: undefined, message: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { code, message: error.message || code || error.name };
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
}
