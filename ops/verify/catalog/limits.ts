import { escapeLiteral } from "pg";
import { quoteIdentifier } from "../../../database/sql-text";
import type { TenantSpec } from "../../../domain/tenant-spec";
import type { Leak, Remedy } from "../leak";
import type { RoleSettings } from "./settings";

const TIMEOUTS = {
  statement_timeout: "statementTimeout",
  idle_in_transaction_session_timeout: "idleInTransactionTimeout",
} as const;

const MILLISECONDS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Declared tenants whose limits are not those of their files. */
export function limits(roles: readonly RoleSettings[], declared: readonly TenantSpec[], database: string): Leak[] {
  const specs = new Map(declared.map(({ slug, database: spec }) => [slug, spec]));
  return roles.flatMap((role) => {
    const spec = specs.get(role.slug);
    if (spec === undefined) return [];
    const timeouts = Object.entries(TIMEOUTS) as [keyof typeof TIMEOUTS, (typeof TIMEOUTS)[keyof typeof TIMEOUTS]][];
    return [
      ...connectionLimit(role, spec.connectionLimit),
      ...timeouts.flatMap(([setting, key]) => timeout(role, setting, spec[key], database)),
    ];
  });
}

function connectionLimit({ role, connectionLimit, keeper }: RoleSettings, meant: number): Leak[] {
  if (connectionLimit === meant) return [];
  const found = connectionLimit < 0 ? "none" : String(connectionLimit);
  return [
    {
      check: "limit",
      role,
      victim: undefined,
      object: `connection limit of role ${quoteIdentifier(role)}: ${found}, not ${meant}`,
      statement: `select rolconnlimit from pg_roles where rolname = ${escapeLiteral(role)}`,
      closes: [{ as: keeper, statement: `alter role ${quoteIdentifier(role)} connection limit ${meant}` }],
    },
  ];
}

function timeout(of: RoleSettings, setting: string, meant: number, database: string): Leak[] {
  const { here, everywhere, keeper } = of;
  const found = here[setting] ?? everywhere[setting];
  if (milliseconds(found) === meant) return [];
  const role = quoteIdentifier(of.role);
  const closes: Remedy[] = [];
  if (here[setting] !== undefined) {
    const place = quoteIdentifier(database);
    closes.push({ as: keeper, statement: `alter role ${role} in database ${place} reset ${setting}` });
  }
  if (milliseconds(everywhere[setting]) !== meant) {
    const change = meant === 0 ? `reset ${setting}` : `set ${setting} to ${meant}`;
    closes.push({ as: keeper, statement: `alter role ${role} ${change}` });
  }
  const foundTime = found === undefined ? "none" : (durationText(milliseconds(found)) ?? found);
  return [
    {
      check: "limit",
      role: of.role,
      victim: undefined,
      object: `${setting} of role ${quoteIdentifier(of.role)}: ${foundTime}, not ${durationText(meant)}`,
      statement: `select setdatabase, setconfig from pg_db_role_setting where setrole = ${escapeLiteral(role)}::regrole`,
      closes,
    },
  ];
}

/** A time as PostgreSQL shows it: in the largest unit that it is a whole number of. */
function durationText(milliseconds: number | undefined): string | undefined {
  if (milliseconds === undefined) return undefined;
  const units = Object.entries(MILLISECONDS).reverse();
  const [unit, size] = units.find(([, size]) => milliseconds % size === 0) ?? ["ms", 1];
  return milliseconds === 0 ? "0" : `${milliseconds / size}${unit}`;
}

/** A setting as PostgreSQL reads it; undefined for what is no time. Without a setting there is no limit. */
function milliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return 0;
  const [, amount, unit] = /^\s*(\d+(?:\.\d*)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return Math.round(Number(amount) * (MILLISECONDS[unit ?? "ms"] ?? 1));
}
