/** PgBouncer on a tenant's own server: where it stands, and how many of the tenant's sessions it takes. */

/** When a client gives its session back: after each transaction, or once it goes. `none`: there is no pooler. */
export const POOLERS = ["none", "transaction", "session"] as const;

export type Pooler = (typeof POOLERS)[number];

/** Not 6432, where a distribution's own PgBouncer listens once it is installed. */
const PORT = 6433;

/** Sessions of a tenant's limit that its pooler leaves to `verify`, to migrations and to people. */
const LEFT_FREE = 2;

/** Most sessions that the pooler of a tenant opens, of whichever login. */
export function poolSize(connectionLimit: number): number {
  return Math.max(1, connectionLimit - LEFT_FREE);
}

/** The parameter beside those of the `.env` that tells a server what pooler to run. */
export const POOLER_KEY = "POOLER";

/** Its value, in PgBouncer's words; undefined where there is no such parameter. */
export function poolerValue(pooler: Pooler, connectionLimit: number): string | undefined {
  if (pooler === "none") return undefined;
  return `pool_mode=${pooler} pool_size=${poolSize(connectionLimit)} listen_port=${PORT}`;
}
