import { type Client, escapeIdentifier } from "pg";
import { existingTenant, Refusal, type TenantNames } from "../existing-tenant";
import { type Difference, type FindDifferences, type HandMade, pasteable } from "./difference";
import { inOtherDatabases, ownedByOthers, ownedElsewhere, schemaOfAnother, usedOutside } from "./ownership";
import { defaultPrivileges, privilegesElsewhere, privilegesOfOthers } from "./privileges";
import { ROLE_KINDS } from "./role";

/**
 * Refuses to take over a tenant that differs from one of this program in anything that the program would keep without a word. It
 * puts right by itself: password, limits and search path of the role, its rights on database and schema, and the default
 * privileges on what the admin makes there.
 *
 * Reads catalogs alone: what a tenant wrote is never run with the admin's rights.
 *
 * @throws Refusal with every difference and the SQL that takes them all away.
 */
export async function refuseDifferences(admin: Client, names: TenantNames): Promise<void> {
  const { tenant, role, schema } = names;
  const { roleOid, schemaOid } = await existingTenant(admin, names);
  if (roleOid === undefined && schemaOid === undefined) {
    throw new Refusal(
      `there is neither a role ${role} nor a schema ${schema} to adopt; for a new tenant take 'adopt' out of the file of tenant ${tenant}`,
    );
  }
  const differences =
    roleOid === undefined || schemaOid === undefined
      ? [missing(names, roleOid === undefined)]
      : await differencesOf(admin, { ...names, roleOid, schemaOid });
  if (differences.length === 0) return;
  const ways = differences.length === 1 ? "one way" : `${differences.length} ways`;
  throw new Refusal(
    `tenant ${tenant} cannot be adopted as it is: it differs from a tenant of this program in ${ways} that the program does not put ` +
      `right by itself. Nothing of it was changed. Look at each, run this as ${admin.user} in database ${admin.database}, and deploy again:\n` +
      `${await pasteable(admin, differences)}`,
  );
}

/**
 * In the order in which the statements have to be run: an owner revokes, what is dropped has no privileges, and what has moved has another
 * name.
 */
const KINDS: readonly FindDifferences[] = [
  schemaOfAnother,
  ownedByOthers,
  privilegesOfOthers,
  privilegesElsewhere,
  usedOutside,
  ownedElsewhere,
  inOtherDatabases,
  defaultPrivileges,
  ...ROLE_KINDS,
];

async function differencesOf(admin: Client, tenant: HandMade): Promise<Difference[]> {
  const found: Difference[] = [];
  for (const find of KINDS) found.push(...(await find(admin, tenant)));
  return found;
}

function missing({ role, schema }: TenantNames, noRole: boolean): Difference {
  const [user, name] = [escapeIdentifier(role), escapeIdentifier(schema)];
  return noRole
    ? { what: `there is a schema ${schema}, but no role ${role}`, statement: `create role ${user} login`, as: [] }
    : {
        what: `there is a role ${role}, but no schema ${schema}`,
        statement: `create schema ${name} authorization ${user}`,
        as: [role],
      };
}

/**
 * Takes back the membership in the tenant's role that the admin gave itself: a tenant made by hand needs that to get its schema, and what
 * is left of it lets the admin read and write the tenant's data, and run its code, by accident. Before PostgreSQL 16 there is but one
 * membership, which anybody may have given, and by which nothing is administered.
 */
export async function releaseAdmin(admin: Client, role: string): Promise<void> {
  const { rowCount } = await admin.query(
    `select from pg_auth_members m
      where pg_get_userbyid(roleid) = $1 and pg_get_userbyid(member) = current_user
        and (pg_get_userbyid(grantor) = current_user or to_jsonb(m) -> 'set_option' is null)`,
    [role],
  );
  if (rowCount) await admin.query(`revoke ${escapeIdentifier(role)} from ${escapeIdentifier(admin.user ?? "")}`);
}
