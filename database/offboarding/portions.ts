import type { Client } from "pg";

/** Something to be dropped. */
export interface Droppable {
  readonly locks: number;
}

/**
 * How many locks a transaction of ours may take without a thought: a quarter of what the server has room for. The rest is for what is not
 * counted, and for the neighbours.
 */
export async function roomForLocks(admin: Client): Promise<number> {
  const { rows } = await admin.query<{ room: number }>(
    `select current_setting('max_locks_per_transaction')::integer
            * (current_setting('max_connections')::integer + current_setting('max_prepared_transactions')::integer) / 4 as room`,
  );
  return rows[0]?.room ?? 0;
}

/** What can be dropped together, in the order given; whatever is too much by itself stands alone. */
export function portions<T extends Droppable>(things: readonly T[], room: number): T[][] {
  const made: T[][] = [];
  let left = 0;
  for (const thing of things) {
    const last = made.at(-1);
    left -= thing.locks;
    if (last && left >= 0) {
      last.push(thing);
    } else {
      made.push([thing]);
      left = room - thing.locks;
    }
  }
  return made;
}
