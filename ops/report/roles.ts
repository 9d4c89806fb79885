import { fencedSince } from "../../database/offboarding/fence";
import type { Read } from "./reading-session";

/** A role that can log in, or a tenant's. */
export interface Role {
  readonly name: string;
  /** False for a tenant that a removal has shut out, and for one that somebody has locked. */
  readonly login: boolean;
  /** Most sessions at once; null without a limit. */
  readonly connectionLimit: number | null;
  /** What the role may do beyond an ordinary one: `superuser`, `createrole`, `createdb`, `replication`, `bypassrls`. */
  readonly attributes: readonly string[];
  /** ISO 8601; null when its password does not expire. */
  readonly validUntil: string | null;
  /** Since when a removal has shut it out, ISO 8601; null when none has. */
  readonly fencedSince: string | null;
}

const ROLES = `
  select rolname as name, rolcanlogin as login, nullif(rolconnlimit, -1) as "connectionLimit",
         array_remove(array[
           case when rolsuper then 'superuser' end, case when rolcreaterole then 'createrole' end,
           case when rolcreatedb then 'createdb' end, case when rolreplication then 'replication' end,
           case when rolbypassrls then 'bypassrls' end], null) as attributes,
         case when isfinite(rolvaliduntil) then rolvaliduntil end as "validUntil",
         shobj_description(oid, 'pg_authid') as comment
    from pg_roles where rolcanlogin or starts_with(rolname, 'user_')
   order by rolname collate "C"`;

interface RoleRow extends Omit<Role, "validUntil" | "fencedSince"> {
  readonly validUntil: Date | null;
  readonly comment: string | null;
}

export async function readRoles(read: Read): Promise<Role[]> {
  const rows = await read<RoleRow>(ROLES);
  return rows.map(({ comment, validUntil, ...role }) => ({
    ...role,
    validUntil: validUntil?.toISOString() ?? null,
    fencedSince: (role.login ? undefined : fencedSince(comment ?? "")) ?? null,
  }));
}
