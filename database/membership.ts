import { type Client, escapeIdentifier } from "pg";
import { majorOf, SINCE } from "./server-version";

/**
 * The admin becomes a member of a role for as long as it acts on what that role owns. Since PostgreSQL 16 a membership has options, and who
 * makes a role is its member with ADMIN alone; before, a membership is all or nothing, a role has one with another however many gave it,
 * and whoever has CREATEROLE may give any, to itself too, except a superuser's.
 */
function hasOptions(major: number): boolean {
  return major >= SINCE.membershipOptions;
}

/**
 * The statement by which a member gets all that the roles may do, whatever it had of them.
 *
 * @param roles Names in SQL, with commas between them.
 * @param member A name in SQL.
 */
export function joining(major: number, roles: string, member = "current_user"): string {
  return `grant ${roles} to ${member}${hasOptions(major) ? " with inherit true, set true" : ""}`;
}

/**
 * The statement that ends for the session's own role what {@link joining} has given it.
 *
 * @param roles Names in SQL, with commas between them.
 */
export function leaving(roles: string): string {
  return `revoke ${roles} from current_user`;
}

/** {@link joining} for the session's own role, on the server that it is on. */
export async function joiningOn(admin: Client, role: string): Promise<string> {
  return joining(await majorOf(admin), escapeIdentifier(role));
}

/** Makes the session's role a member of `role`, with all its rights. */
export async function join(admin: Client, role: string): Promise<void> {
  await admin.query(await joiningOn(admin, role));
}

/** The statement that lets `member` administer a role and gives it nothing else, for someone else to run. */
export function administering(major: number, role: string, member: string): string {
  const options = hasOptions(major) ? "admin true, inherit false, set false" : "admin option";
  return `grant ${escapeIdentifier(role)} to ${escapeIdentifier(member)} with ${options}`;
}

/** The statement that takes a membership back from whoever was given it by `grantor`. */
export function expelling(major: number, role: string, member: string, grantor: string): string {
  const [of, from, by] = [role, member, grantor].map(escapeIdentifier);
  // `cascade`: who was given the admin option may have made others members.
  return `revoke ${of} from ${from}${hasOptions(major) ? ` granted by ${by} cascade` : ""}`;
}

/** The roles as which `expelling` has to be run. */
export function expellers(major: number, grantor: string): string[] {
  return hasOptions(major) ? [grantor] : [];
}

/** Condition in SQL on a row of `pg_roles`, by that name: `admin`, a name in SQL, has the rights of that role and may act as it. */
export function isJoined(major: number, admin: string): string {
  return `(pg_has_role(${admin}, pg_roles.oid, 'usage') and pg_has_role(${admin}, pg_roles.oid, '${hasOptions(major) ? "set" : "member"}'))`;
}

/** Condition in SQL on a row of `pg_roles`, by that name: `admin`, a name in SQL, may make itself a member of that role. */
export function isJoinable(major: number, admin: string): string {
  const byAttribute = `(select rolcreaterole from pg_roles as self where rolname = ${admin})`;
  const able = `pg_has_role(${admin}, pg_roles.oid, 'member with admin option')`;
  return `(not pg_roles.rolsuper and (${able}${hasOptions(major) ? "" : ` or ${byAttribute}`}))`;
}
