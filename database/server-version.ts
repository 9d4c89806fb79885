import type { Client } from "pg";

/** Majors that the tests hold the program to. */
export const OLDEST_MAJOR = 14;
export const NEWEST_MAJOR = 19;

/** The first major that has what the program asks for, of what not every supported one has. */
export const SINCE = {
  /** The option `security_invoker` of a view. */
  securityInvoker: 15,
  /** Of a membership, INHERIT and SET; and a CREATEROLE role administers only those that it was given with ADMIN. */
  membershipOptions: 16,
  /** The setting `transaction_timeout`; pg_restore begins with it, and ends at a server that does not know it. */
  transactionTimeout: 17,
} as const;

const MAJORS = new WeakMap<Client, number>();

/** The major version of the server that a session is on. */
export async function majorOf(client: Client): Promise<number> {
  const known = MAJORS.get(client);
  if (known !== undefined) return known;
  const { rows } = await client.query<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  const major = rows[0]?.major ?? 0;
  MAJORS.set(client, major);
  return major;
}
