import type { ConnectionOptions } from "node:tls";
import { Client } from "pg";
import type { ConnectionTarget } from "../domain/connection-string";

const CONNECT_TIMEOUT_MS = 10_000;

/** What to do about the errors that a person can do something about, by SQLSTATE or by Node's code. */
const ADVICE: Readonly<Record<string, string>> = {
  "28P01": "if the password was changed by hand, raise rotation.password in the tenant's file",
  "28000": "the server's pg_hba.conf or its rds.force_ssl refuses this login; see b2b-tenants:database sslmode",
  "53300": "close some of the tenant's sessions, or raise database.connectionLimit in the tenant's file",
};

const UNREACHABLE =
  "check host and port in b2b-tenants:database, and that the database's security group admits this machine";

/**
 * Logs in as a tenant, hands the session to `work`, and closes it whatever happens.
 *
 * @throws ConnectionRefused when there is no session to be had: its message names the server, never the password.
 */
export async function withConnection<T>(target: ConnectionTarget, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    host: target.host,
    port: target.port,
    database: target.database,
    user: target.user,
    password: target.password,
    ssl: tlsOptions(target.sslmode),
    application_name: "b2b-tenants",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A session that the server ends between two statements is reported by the next one; unheard, it would end the process.
  client.on("error", () => {});
  try {
    await client.connect().catch((error: unknown) => {
      throw new ConnectionRefused(target, error);
    });
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** No session: the server is out of reach, or refuses the login. */
export class ConnectionRefused extends Error {
  /** SQLSTATE, when it was the server that refused. */
  readonly code: string | undefined;

  constructor(target: ConnectionTarget, error: unknown) {
    const { code, message } = reason(error);
    const advice = (code && ADVICE[code]) ?? (isSqlState(code) ? undefined : UNREACHABLE);
    super(
      `cannot log in as ${target.user} to PostgreSQL at ${target.host}:${target.port}, database ${target.database}: ${message}${advice ? `; ${advice}` : ""}`,
    );
    this.code = code;
  }
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

function isSqlState(code: string | undefined): boolean {
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
}
