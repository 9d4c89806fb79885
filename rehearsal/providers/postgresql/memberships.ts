import { escapeIdentifier } from "pg";
import type { Transaction } from "./connection";

/**
 * Runs `work` as a member of `roles`: the admin of a managed service is no superuser, and has to act as a role to change
 * what that role owns. Memberships it lacks are granted before and revoked after, in the same transaction.
 */
export async function withRolesGranted(txn: Transaction, roles: string[], work: () => Promise<void>): Promise<void> {
  const admin = await currentUser(txn);
  if (roles.length === 0 || (await isSuperuser(txn, admin))) return work();

  const granted: string[] = [];
  const reversed: string[] = [];
  for (const role of roles) {
    // Nobody but a superuser can become a superuser.
    if (await isSuperuser(txn, role)) continue;
    // Two roles cannot be members of each other.
    if (await revoke(txn, admin, role)) reversed.push(role);
    if (await grant(txn, role, admin)) granted.push(role);
  }
  await work();
  for (const role of granted) await revoke(txn, role, admin);
  for (const role of reversed) {
    if (await roleExists(txn, role)) await grant(txn, admin, role);
  }
}

export async function roleExists(txn: Transaction, role: string): Promise<boolean> {
  return txn.exists("select 1 from pg_roles where rolname = $1", [role]);
}

export async function isSuperuser(txn: Transaction, role: string): Promise<boolean> {
  const [found] = await txn.rows<{ rolsuper: boolean }>("select rolsuper from pg_roles where rolname = $1", [role]);
  if (!found) throw new Error(`could not check if role ${role} is superuser: sql: no rows in result set`);
  return found.rolsuper;
}

async function currentUser(txn: Transaction): Promise<string> {
  const [row] = await txn.rows<{ name: string }>("select current_user as name");
  return row?.name ?? "";
}

async function isMember(txn: Transaction, role: string, member: string): Promise<boolean> {
  // Since PostgreSQL 16 the creator of a role is a member that may pass the membership on, yet not use it.
  return txn.exists(
    `select 1 from pg_auth_members m where pg_get_userbyid(roleid) = $1 and pg_get_userbyid(member) = $2
        and coalesce((to_jsonb(m) ->> 'set_option')::boolean, true)`,
    [role, member],
  );
}

async function grant(txn: Transaction, role: string, member: string): Promise<boolean> {
  if (member === role || (await isMember(txn, role, member))) return false;
  await txn.run(
    `grant ${escapeIdentifier(role)} to ${escapeIdentifier(member)}`,
    `error granting role ${role} to ${member}`,
  );
  return true;
}

async function revoke(txn: Transaction, role: string, member: string): Promise<boolean> {
  if (member === role || !(await isMember(txn, role, member))) return false;
  await txn.run(
    `revoke ${escapeIdentifier(role)} from ${escapeIdentifier(member)}`,
    `error revoking role ${role} from ${member}`,
  );
  return true;
}
