import { DatabaseError } from "pg";
import type { ActingLogin, ConnectionTarget } from "../domain/connection-string";
import { roleOfSecondLogin } from "../domain/names";

/** undefined leaves a setting to the server. */
type Settings = Readonly<Record<string, string | undefined>>;

/**
 * A tenant may set these for its role, and so decide how a session of its role begins; what a client asks for at its start
 * counts more. Names are looked up in the system's own schema and written as they are compared, texts too, no error or pause ends the session, and
 * what is read under a lock is what is there then.
 */
const ALWAYS: Settings = {
  search_path: "pg_catalog",
  role: "none",
  exit_on_error: "off",
  idle_in_transaction_session_timeout: "0",
  idle_session_timeout: "0",
  local_preload_libraries: "",
  default_transaction_read_only: "off",
  default_transaction_isolation: "read\\ committed",
  quote_all_identifiers: "off",
  standard_conforming_strings: "on",
};

/** Since PostgreSQL 17. An older server refuses a session that asks for it. */
const TRANSACTION_TIMEOUT = "transaction_timeout";

/** Whether each server that was logged in to knows it. */
const knows = new Map<string, boolean>();

/** A tenant's second login acts as the tenant's role, which owns what it makes. */
function actingAs({ user, actsAs }: ActingLogin): Settings {
  const role = actsAs ?? roleOfSecondLogin(user);
  return role === undefined ? {} : { role };
}

const serverOf = ({ host, port }: ConnectionTarget) => `${host}:${port}`;

/** What a session of this process begins with, as libpq's `options` take it; nothing waits for ever. */
export function sessionOptions(target: ActingLogin, settings: Settings): string {
  const asked: Settings = knows.get(serverOf(target)) === false ? {} : { [TRANSACTION_TIMEOUT]: "0" };
  return optionsOf({ ...ALWAYS, ...actingAs(target), lock_timeout: "15s", ...asked, ...settings });
}

/** What the sessions of PostgreSQL's programs begin with; they have limits of their own. */
export function programOptions(target: ActingLogin): string {
  const asked: Settings = knows.get(serverOf(target)) === true ? { [TRANSACTION_TIMEOUT]: "0" } : {};
  // A role may have an encoding of its own, which does not know every character.
  const own: Settings = { client_encoding: "UTF8", lock_timeout: "0", statement_timeout: "0" };
  return optionsOf({ ...ALWAYS, ...actingAs(target), ...own, ...asked });
}

/** Whether a client asks for it at the start of each session. */
export function isSetAtStart(setting: string): boolean {
  return setting in ALWAYS || /^(lock|statement|transaction)_timeout$/.test(setting);
}

function optionsOf(settings: Settings): string {
  return Object.entries(settings)
    .flatMap(([name, value]) => (value === undefined ? [] : `-c ${name}=${value}`))
    .join(" ");
}

/**
 * Remembers what a login has shown of its server.
 *
 * @param asked What the login began with: another one may have learned more meanwhile.
 * @param error What it was refused for.
 * @returns Whether to log in again.
 */
export function learnOptions(target: ConnectionTarget, asked: string, error?: unknown): boolean {
  const server = serverOf(target);
  if (error === undefined) {
    if (!knows.has(server)) knows.set(server, true);
    return false;
  }
  const isUnknown =
    error instanceof DatabaseError && error.code === "42704" && error.message.includes(`"${TRANSACTION_TIMEOUT}"`);
  if (!isUnknown || !asked.includes(`-c ${TRANSACTION_TIMEOUT}=`)) return false;
  knows.set(server, false);
  return true;
}
