import { escapeLiteral } from "pg";
import { quoteIdentifier } from "../../../database/sql-text";
import type { Leak } from "../leak";
import { type Catalogs, catalogQuery } from "./catalogs";

/** Roles of the server's and of RDS's whose members see or change everybody's data. The admin's role is another. */
export const POWERFUL_ROLES: readonly string[] = [
  "rds_superuser",
  "pg_read_all_data",
  "pg_write_all_data",
  "pg_maintain",
  "pg_read_server_files",
  "pg_write_server_files",
  "pg_execute_server_program",
];

interface MembershipRow {
  readonly role: string;
  readonly member: string;
  readonly victim: string | null;
  /** Whether by `set role`. */
  readonly mayBecome: boolean;
  readonly givers: readonly string[];
}

const MEMBERSHIPS = catalogQuery<MembershipRow>("memberships.sql");

/** A tenant is a member of some role, or another role than the admin is a member of a tenant's. Even a membership without rights counts. */
export async function memberships(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(MEMBERSHIPS)).map(({ role, member, victim, mayBecome, givers }) => {
    const [of, from] = [quoteIdentifier(role), quoteIdentifier(member)];
    return {
      check: "membership",
      role: member,
      victim: victim ?? undefined,
      object: `role ${of}`,
      statement: mayBecome
        ? `set role ${of}`
        : `select pg_has_role(${escapeLiteral(member)}, ${escapeLiteral(role)}, 'member')`,
      closes: givers.map((giver) => ({
        as: giver,
        statement: `revoke ${of} from ${from} granted by ${quoteIdentifier(giver)} cascade`,
      })),
    };
  });
}

interface AttributeRow {
  readonly name: string;
  /** In the words of `alter role`. */
  readonly attribute: string;
  /** Of `pg_roles`. */
  readonly column: string;
  readonly superuser: boolean;
}

const ATTRIBUTES = catalogQuery<AttributeRow>("role-attributes.sql");

/** What an admin who makes roles and databases may take away. */
const OF_ADMINS: ReadonlySet<string> = new Set(["createdb", "createrole"]);

/** Tenants whose role is more than a login. */
export async function roleAttributes(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(ATTRIBUTES)).map(({ name, attribute, column, superuser }) => ({
    check: "role attribute",
    role: name,
    victim: undefined,
    object: `attribute ${attribute.toUpperCase()} of role ${quoteIdentifier(name)}`,
    statement: `select ${column} from pg_roles where rolname = ${escapeLiteral(name)}`,
    closes: [
      {
        as: OF_ADMINS.has(attribute) && !superuser ? catalogs.ground.adminUser : catalogs.superuser,
        statement: `alter role ${quoteIdentifier(name)} no${attribute}`,
      },
    ],
  }));
}
