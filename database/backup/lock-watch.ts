import { setTimeout } from "node:timers/promises";
import type { ConnectionTarget } from "../../domain/connection-string";
import { printable } from "../../domain/printable";
import { withAdminConnection } from "../connection";

/** How often a program is looked at, and how long it may wait for somebody's lock. Milliseconds. */
export interface LockPatience {
  readonly lookEvery: number;
  readonly longest: number;
}

const PATIENCE: LockPatience = { lookEvery: 10_000, longest: 60_000 };

/**
 * Looks whether a program of PostgreSQL's waits for a lock, since it sets no limit for itself: pg_dump waits so for the catalogs and, from
 * PostgreSQL 18 on, for the sequences of the whole database, which any login may keep locked.
 *
 * @param application The program's `application_name`, which no other session has.
 * @param signal Ends the looking.
 * @returns Who is in its way, once that has lasted too long; undefined when the looking was ended.
 */
export async function waitsTooLong(
  target: ConnectionTarget,
  application: string,
  signal: AbortSignal,
  { lookEvery, longest }: LockPatience = PATIENCE,
): Promise<string | undefined> {
  let waited = 0;
  while (!signal.aborted) {
    await setTimeout(lookEvery, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return undefined;
    // A server that cannot be asked is one that the program will tell of.
    const blockers = await blockersOf(target, application).catch(() => []);
    waited = blockers.length > 0 ? waited + lookEvery : 0;
    if (waited >= longest) return `it waits for a lock of session ${blockers.join(", ")}: let it finish, or end it`;
  }
  return undefined;
}

function blockersOf(target: ConnectionTarget, application: string): Promise<string[]> {
  return withAdminConnection(target, async (session) => {
    const { rows } = await session.query<{ pid: number; name: string | null }>(
      `select distinct b.pid, b.usename as name from pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) as blocking(pid)
         join pg_stat_activity b using (pid) where a.application_name = $1 order by 1`,
      [application],
    );
    return rows.map(({ pid, name }) => `${pid} of ${printable(name ?? "the server")}`);
  });
}
