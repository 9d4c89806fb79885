import pLimit from "p-limit";
import pRetry, { AbortError } from "p-retry";
import type { Client } from "pg";
import { printable } from "../../domain/printable";

/** Removals read all of a tenant's rows: those of a whole stack at once would be too much for the neighbours' server. */
export const removals = pLimit(2);

/** Advisory locks of this kind, in the upper half of a lock's number; the role's oid is in the lower. */
const KIND = 0x62326274n;

const RETRIES = { retries: 19, minTimeout: 250, factor: 1 };

/** Another run is at work on the same tenant: what it has done so far must not be undone. */
export class RemovalUnderWay extends Error {}

/**
 * Does the work while no other run removes the same tenant or lets it in, of this process or of another: a run that was killed may
 * have left a provider behind which is still backing up.
 *
 * @throws RemovalUnderWay
 */
export async function withRemovalLock<T>(admin: Client, role: string, work: () => Promise<T>): Promise<T> {
  const { rows } = await admin.query<{ oid: string }>("select oid from pg_roles where rolname = $1", [role]);
  const oid = rows[0]?.oid;
  // Without a role there is nobody to shut out, and nobody to let in.
  if (oid === undefined) return work();
  const key = String((KIND << 32n) | BigInt(oid));
  await acquire(admin, role, key);
  try {
    return await work();
  } finally {
    await admin.query("select pg_advisory_unlock($1)", [key]).catch(() => {});
  }
}

async function acquire(admin: Client, role: string, key: string): Promise<void> {
  const attempt = async () => {
    const { rows } = await admin.query<{ locked: boolean }>("select pg_try_advisory_lock($1) as locked", [key]);
    if (rows[0]?.locked) return;
    const holders = await holdersOf(admin, key);
    const holder = holders.find(({ own, granted }) => own && granted);
    const who = holder ? `session ${holder.pid} of ${printable(holder.name)}` : "sessions that come and go";
    const refusal = new RemovalUnderWay(
      `another run is at work on ${printable(role)} now (${who}): wait until it has ended, then run this again`,
    );
    if (holder) throw new AbortError(refusal);
    // Any login may take any such lock, or queue for it. Only the admin has business with this one.
    const intruders = holders.filter(({ own }) => !own).map(({ pid }) => pid);
    await admin.query("select pg_terminate_backend(pid) from unnest($1::int[]) as pid", [intruders]);
    throw refusal;
  };
  await pRetry(attempt, { ...RETRIES, shouldRetry: ({ error }) => error instanceof RemovalUnderWay });
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
