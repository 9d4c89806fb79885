/** Who can log in to the server, and how many sessions each has open. */
import { join } from "node:path";
import { fencedSince } from "../../database/offboarding/fence";
import { type Handover, handoverIn } from "../../database/rotation/handover";
import { SqlFile } from "../../database/sql-file";
import { ROLE_PREFIX } from "../../domain/names";
import type { Read } from "./report-session";

/** A role that can log in, or a tenant's. */
export interface Role {
  readonly name: string;
  /** False for a tenant that is fenced, for one that somebody has locked, and for the one of a tenant's two logins that is not in use. */
  readonly login: boolean;
  /** Most sessions at once; null without a limit. */
  readonly connectionLimit: number | null;
  /** What the role may do beyond an ordinary one: `superuser`, `createrole`, `createdb`, `replication`, `bypassrls`. */
  readonly attributes: readonly string[];
  /** ISO 8601; null when its password does not expire. */
  readonly validUntil: string | null;
  /** Since when it has been fenced, ISO 8601; null when it is not. */
  readonly fencedSince: string | null;
  /** A rotation of its password that has not ended; null without one. */
  readonly handover: Handover | null;
}

const ROLES = `
  select rolname as name, rolcanlogin and rolvaliduntil is distinct from '-infinity' as login, nullif(rolconnlimit, -1) as "connectionLimit",
         array_remove(array[
           case when rolsuper then 'superuser' end, case when rolcreaterole then 'createrole' end,
           case when rolcreatedb then 'createdb' end, case when rolreplication then 'replication' end,
           case when rolbypassrls then 'bypassrls' end], null) as attributes,
         case when isfinite(rolvaliduntil) then rolvaliduntil end as "validUntil",
         shobj_description(oid, 'pg_authid') as comment
    from pg_roles where rolcanlogin or starts_with(rolname, $1)
   order by rolname collate "C"`;

interface RoleRow extends Omit<Role, "validUntil" | "fencedSince" | "handover"> {
  readonly validUntil: Date | null;
  readonly comment: string | null;
}

export async function readRoles(read: Read): Promise<Role[]> {
  const rows = await read<RoleRow>(ROLES, [ROLE_PREFIX]);
  return rows.map(({ comment, validUntil, ...role }) => ({
    ...role,
    validUntil: validUntil?.toISOString() ?? null,
    fencedSince: (role.login ? undefined : fencedSince(comment ?? "")) ?? null,
    handover: handoverIn(comment) ?? null,
  }));
}

/** The sessions of one role, or of all roles. */
export interface Sessions {
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

const NO_SESSIONS: Sessions = {
  active: 0,
  idle: 0,
  idleInTransaction: 0,
  other: 0,
  total: 0,
  longestTransactionMs: null,
};

const SESSIONS = new SqlFile<Sessions & { role: string | null }>(join(__dirname, "sessions.sql"));

/** @returns The sessions of a role, by its name, or of all roles; the report's own session is among them. */
export async function readSessions(read: Read): Promise<(role?: string) => Sessions> {
  const rows = await read<Sessions & { role: string | null }>(SESSIONS.text);
  const byRole = new Map(rows.map(({ role, ...sessions }) => [role, sessions]));
  return (role) => byRole.get(role ?? null) ?? NO_SESSIONS;
}

/** Of both logins of a tenant. */
export function sessionsTogether(one: Sessions, other: Sessions): Sessions {
  const longest = [one, other].flatMap(({ longestTransactionMs }) => longestTransactionMs ?? []);
  return {
    active: one.active + other.active,
    idle: one.idle + other.idle,
    idleInTransaction: one.idleInTransaction + other.idleInTransaction,
    other: one.other + other.other,
    total: one.total + other.total,
    longestTransactionMs: longest.length === 0 ? null : Math.max(...longest),
  };
}
