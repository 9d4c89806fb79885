import pRetry, { AbortError } from "p-retry";
import type { Client } from "pg";
import { printable } from "../domain/printable";

const RETRIES = { retries: 19, minTimeout: 250, factor: 1 };

/** An advisory lock that the admin alone has business with. */
export interface AdminLock {
  readonly key: bigint;
  /** Whether the admin's other sessions have it for moments only, so that they are waited for. */
  readonly isBrief: boolean;
  /** What is thrown when it is not to be had; `who` has it. */
  readonly refusal: (who: string) => Error;
}

/**
 * Does the work while no other session has the lock. Any login may take any advisory lock, or queue for it: the sessions of others that do
 * are ended, so that no tenant can keep another one waiting.
 *
 * @throws What `refusal` gives.
 */
export async function withAdminLock<T>(admin: Client, lock: AdminLock, work: () => Promise<T>): Promise<T> {
  const key = String(lock.key);
  await acquire(admin, key, lock);
  try {
    return await work();
  } finally {
    await admin.query("select pg_advisory_unlock($1)", [key]).catch(() => {});
  }
}

class Refused extends Error {
  constructor(readonly reason: Error) {
    super(reason.message);
  }
}

async function acquire(admin: Client, key: string, { isBrief, refusal }: AdminLock): Promise<void> {
  const attempt = async () => {
    const { rows } = await admin.query<{ locked: boolean }>("select pg_try_advisory_lock($1) as locked", [key]);
    if (rows[0]?.locked) return;
    const holders = await holdersOf(admin, key);
    const holder = holders.find(({ own, granted }) => own && granted);
    const refused = new Refused(
      refusal(holder ? `session ${holder.pid} of ${printable(holder.name)}` : "sessions that come and go"),
    );
    if (holder && !isBrief) throw new AbortError(refused);
    const intruders = holders.filter(({ own }) => !own).map(({ pid }) => pid);
    await admin.query("select pg_terminate_backend(pid) from unnest($1::int[]) as pid", [intruders]);
    throw refused;
  };
  await pRetry(attempt, { ...RETRIES, shouldRetry: ({ error }) => error instanceof Refused }).catch(
    (error: unknown) => {
      throw error instanceof Refused ? error.reason : error;
    },
  );
}

interface Holder {
  readonly pid: number;
  readonly name: string;
  /** Whether it is the admin itself. */
  readonly own: boolean;
  /** Whether it has the lock, and does not wait for it. */
  readonly granted: boolean;
}

async function holdersOf(admin: Client, key: string): Promise<Holder[]> {
  const { rows } = await admin.query<Holder>(
    `select pid, usename as name, usename = current_user as own, granted
       from pg_locks join pg_stat_activity using (pid)
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
        and (classid::bigint << 32) | objid::bigint = $1 and objsubid = 1`,
    [key],
  );
  return rows;
}
