import { escapeLiteral } from "pg";
import { alterKeyword } from "../../../database/object-identity";
import { quoteIdentifier } from "../../../database/sql-text";
import { roleOfSecondLogin, slugOfRole } from "../../../domain/names";
import { message } from "../../message";
import type { Note } from "../leak";
import { type Catalogs, catalogQuery } from "./catalogs";
import { POWERFUL_ROLES } from "./roles";

/** PUBLIC may connect to every database by default, also to those that nobody uses. */
const OTHER_DATABASES = `
  select datname::text as database, pg_get_userbyid(datdba)::text as owner from pg_database
   where datallowconn and datname <> current_database()
     and exists (select from aclexplode(coalesce(datacl, acldefault('d', datdba))) as a
                  where a.grantee = 0 and a.privilege_type = 'CONNECT')
   order by 1`;

interface ThirdRole {
  readonly what: "membership" | "attribute" | "passwords" | "catalog" | "routine" | "parameter" | "owner";
  readonly name: string;
  /** The role that it is a member of, the attribute that it has, the database that it owns, or a list of what it has rights on. */
  readonly of: string;
}

const THIRD_ROLES = catalogQuery<ThirdRole>("third-roles.sql");

/** Something of the admin's that uses tenants' tables. */
interface AdminReader {
  readonly type: string;
  readonly identity: string;
  readonly owner: string;
  /** Their slugs. */
  readonly tenants: string;
}

const ADMIN_READERS = catalogQuery<AdminReader>("admin-readers.sql");

/** The notes on third roles that no wall stops, in this order. */
const THIRD_ROLE_NOTES: Readonly<Record<ThirdRole["what"], (role: ThirdRole, catalogs: Catalogs) => Note>> = {
  membership: ({ name, of }) => ({
    sentence: message("memberOfPowerful", { name: quoteIdentifier(name), of: quoteIdentifier(of) }),
    statement: `select pg_has_role(${escapeLiteral(name)}, ${escapeLiteral(of)}, 'member')`,
  }),
  attribute: ({ name, of }, { superuser: as }) => ({
    sentence: message("hasAttribute", { name: quoteIdentifier(name), of: of.toUpperCase() }),
    statement: `alter role ${quoteIdentifier(name)} no${of}`,
    as,
  }),
  passwords: ({ name }, { superuser: as }) => ({
    sentence: message("readsPasswords", { name: quoteIdentifier(name) }),
    statement: `revoke all on pg_catalog.pg_authid, pg_catalog.pg_shadow from ${quoteIdentifier(name)}`,
    as,
  }),
  catalog: ({ name, of }, { superuser: as }) => ({
    sentence: message("hasRights", { name: quoteIdentifier(name), of }),
    statement: `revoke all on ${of} from ${quoteIdentifier(name)}`,
    as,
  }),
  routine: ({ name, of }, { superuser: as }) => ({
    sentence: message("mayCall", { name: quoteIdentifier(name), of }),
    statement: `revoke execute on routine ${of} from ${quoteIdentifier(name)}`,
    as,
  }),
  parameter: ({ name, of }, { superuser: as }) => ({
    sentence: message("maySet", { name: quoteIdentifier(name), of }),
    statement: `revoke all on parameter ${of} from ${quoteIdentifier(name)}`,
    as,
  }),
  owner: ({ name, of }, { ground }) => ({
    sentence: message("ownsDatabase", { name: quoteIdentifier(name), of: quoteIdentifier(of) }),
    statement: `alter database ${quoteIdentifier(of)} owner to ${quoteIdentifier(ground.adminUser)}`,
    as: name,
  }),
};

/** What is intended, or PostgreSQL's default, and should be known all the same. */
export async function notes(catalogs: Catalogs): Promise<Note[]> {
  const { tenants, adminUser } = catalogs.ground;
  const databases = await catalogs.query<{ database: string; owner: string }>(OTHER_DATABASES);
  const thirdRoles = await catalogs.rows(THIRD_ROLES, { powerful: POWERFUL_ROLES });
  const readers = await catalogs.rows(ADMIN_READERS);
  const logins = await catalogs.query<{ name: string }>(
    "select rolname::text as name from pg_roles where rolcanlogin order by 1",
  );
  // A role may outlive its tenant's file. With a schema it still counts as a tenant.
  const leftBehind = logins.filter(
    ({ name }) =>
      (slugOfRole(name) ?? roleOfSecondLogin(name)) !== undefined &&
      !tenants.some(({ role, secondLogin }) => role === name || secondLogin === name),
  );
  return [
    ...databases.map(({ database, owner }) => ({
      sentence: message("everyLogin", { database: quoteIdentifier(database) }),
      statement: `revoke connect, temporary on database ${quoteIdentifier(database)} from public`,
      as: owner,
    })),
    ...Object.entries(THIRD_ROLE_NOTES).flatMap(([what, note]) =>
      thirdRoles.filter((role) => role.what === what).map((role) => note(role, catalogs)),
    ),
    ...readers.map(({ type, identity, owner, tenants: of }) => ({
      sentence: message("usesTables", { name: `${type} ${identity}`, of, owner: quoteIdentifier(owner) }),
      statement: `drop ${alterKeyword(type)} ${identity}`,
      as: owner,
    })),
    ...leftBehind.map(({ name }) => ({
      sentence: message("noSuchTenant", { name: quoteIdentifier(name) }),
      statement: `alter role ${quoteIdentifier(name)} nologin`,
      as: adminUser,
    })),
  ];
}
