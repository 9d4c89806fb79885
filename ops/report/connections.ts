import type { Read } from "./reading-session";

/** Sessions of one role, or of all. */
export interface Connections {
  readonly active: number;
  readonly idle: number;
  /** In a transaction, whether that has failed or not. */
  readonly idleInTransaction: number;
  /** In another state, or in one that the role hides. */
  readonly other: number;
  readonly total: number;
  /** Milliseconds since the oldest open transaction began; null without one. */
  readonly longestTransactionMs: number | null;
}

export const NO_CONNECTIONS: Connections = {
  active: 0,
  idle: 0,
  idleInTransaction: 0,
  other: 0,
  total: 0,
  longestTransactionMs: null,
};

/** In whichever database of the server: a role's limit counts all of them. The report's own transaction is none. */
const CONNECTIONS = `
  select usename as role,
         (count(*) filter (where state = 'active'))::int as active,
         (count(*) filter (where state = 'idle'))::int as idle,
         (count(*) filter (where starts_with(state, 'idle in transaction')))::int as "idleInTransaction",
         (count(*) filter (where state is null
           or not (state in ('active', 'idle') or starts_with(state, 'idle in transaction'))))::int as other,
         count(*)::int as total,
         (1000 * extract(epoch from
           max(clock_timestamp() - xact_start) filter (where pid <> pg_backend_pid())))::float8 as "longestTransactionMs"
    from pg_stat_activity where backend_type = 'client backend' and usename is not null
   group by usename`;

/** The sessions of every role that has one, by its name; the report's own is among them. */
export async function readConnections(read: Read): Promise<Map<string, Connections>> {
  const rows = await read<Connections & { role: string }>(CONNECTIONS);
  return new Map(rows.map(({ role, ...connections }) => [role, connections]));
}

export function sumOf(connections: Iterable<Connections>): Connections {
  let sum = NO_CONNECTIONS;
  for (const one of connections) {
    sum = {
      active: sum.active + one.active,
      idle: sum.idle + one.idle,
      idleInTransaction: sum.idleInTransaction + one.idleInTransaction,
      other: sum.other + one.other,
      total: sum.total + one.total,
      longestTransactionMs:
        one.longestTransactionMs === null
          ? sum.longestTransactionMs
          : Math.max(one.longestTransactionMs, sum.longestTransactionMs ?? 0),
    };
  }
  return sum;
}
