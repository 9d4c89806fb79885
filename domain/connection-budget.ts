import type { LimitSettings } from "./settings-spec";

/** What one tenant may take of the database server's connections. */
export interface ConnectionShare {
  /** Where its file says so, for example `tenants/acme.yaml:3:20`; the file alone where it leaves the limit to the default. */
  readonly place: string;
  readonly connectionLimit: number;
  /** Whether the file leaves it to the stack's `limits.defaults.connectionLimit`. */
  readonly isDefault: boolean;
}

/** How many of the tenants that take most are named: enough to see where to begin. */
const NAMED = 5;

/**
 * The error of tenants that together may take more connections than the server has: the one that came too late would be refused,
 * and the admin with it. Undefined when all of them can be connected as often as their limits allow.
 *
 * @param shares Of the tenants of every stack: they share one server.
 */
export function budgetError(
  shares: readonly ConnectionShare[],
  { maxConnections, reserve }: Pick<LimitSettings, "maxConnections" | "reserve">,
): string | undefined {
  const sum = shares.reduce((total, { connectionLimit }) => total + connectionLimit, 0);
  const allowed = maxConnections - reserve;
  if (sum <= allowed) return undefined;
  const most = [...shares].sort((a, b) => b.connectionLimit - a.connectionLimit).slice(0, NAMED);
  const tenants = shares.length === 1 ? "1 tenant" : `${shares.length} tenants, of all stacks,`;
  return [
    `the connection limits of ${tenants} plus limits.reserve may not exceed limits.maxConnections, ` +
      `got ${sum} + ${reserve} = ${sum + reserve}, ${sum - allowed} more than ${maxConnections}; ` +
      `allowed: limits of at most ${allowed} in all`,
    `  Most take${shares.length > NAMED ? ` (${NAMED} of ${shares.length})` : ""}:`,
    ...most.map(
      ({ place, connectionLimit, isDefault }) => `    ${place}: ${connectionLimit}${isDefault ? ", the default" : ""}`,
    ),
    "  Lower database.connectionLimit where less is enough, which server.pooler makes possible (docs/backend.md); or take a",
    "  bigger instance (docs/guia.es.md: at 15 to 18 simultaneous connections), and then raise limits.maxConnections to what it has.",
  ].join("\n");
}
