import { isIPv6 } from "node:net";
import type { DatabaseSettings } from "./settings-spec";

/** Everything that a client needs to log in. */
export interface ConnectionTarget {
  readonly user: string;
  readonly password: string;
  /** Host name, IPv4 or IPv6 address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly sslmode: DatabaseSettings["sslmode"];
}

/** A login that acts as another role, which it is a member of. */
export interface ActingLogin extends ConnectionTarget {
  readonly actsAs?: string;
}

/** Where the tenants' database is. */
export function databaseAddress({ host, port, name, sslmode }: DatabaseSettings) {
  return { host, port, database: name, sslmode };
}

/** The admin's login to the tenants' database. */
export function adminLogin<Password>(settings: DatabaseSettings, password: Password) {
  return { ...databaseAddress(settings), user: settings.adminUser, password };
}

/**
 * The `DATABASE_URL` of a tenant: `postgresql://user:password@host:port/database?sslmode=require`. Every part is
 * percent-encoded, so that no password can end the credentials early or break the line of the `.env` it is written to.
 */
export function connectionString(target: ConnectionTarget): string {
  const credentials = `${encode(target.user)}:${encode(target.password)}`;
  const host = isIPv6(target.host) ? `[${target.host}]` : encode(target.host);
  return `postgresql://${credentials}@${host}:${target.port}/${encode(target.database)}?sslmode=${encode(target.sslmode)}`;
}

/** What `connectionString` was made from, but for the sslmode; undefined for a text that is no such URL. */
export function parseConnectionString(text: string): Omit<ConnectionTarget, "sslmode"> | undefined {
  try {
    const { username, password, hostname, port, pathname } = new URL(text);
    return {
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      host: decodeURIComponent(hostname.replace(/^\[(.*)\]$/, "$1")),
      port: Number(port),
      database: decodeURIComponent(pathname.slice(1)),
    };
  } catch {
    // The parser's complaint is not passed on: it quotes the text, with the password in it.
    return undefined;
  }
}

/** `encodeURIComponent` leaves `!'()*` as they are, and a shell that sources the `.env` would act on them. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
