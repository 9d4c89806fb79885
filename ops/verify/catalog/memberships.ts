import { escapeLiteral } from "pg";
import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { type Scene, WHO } from "./scene";

/** Those that depend on another's right to pass a membership on come first: they end with it, and then nobody could end them. */
const MEMBERSHIPS = `
  with ${WHO}
  select r.rolname::text as role, m.rolname::text as member, victim.slug as victim, bool_or(set_option) as "mayBecome",
         array_agg(pg_get_userbyid(grantor)::text order by grantor) as givers
    from pg_auth_members
    join pg_roles r on r.oid = roleid
    join pg_roles m on m.oid = member
    left join tenant victim on victim.role = roleid
   where exists (select from tenant where tenant.role = member)
      or victim.slug is not null and not exists (select from trusted where trusted.oid = member)
   group by r.rolname, m.rolname, victim.slug
   order by bool_and(exists (select from trusted where trusted.oid = grantor)), victim.slug, 1, 2`;

interface MembershipRow {
  readonly role: string;
  readonly member: string;
  readonly victim: string | null;
  /** Whether by `set role`. */
  readonly mayBecome: boolean;
  readonly givers: readonly string[];
}

/** A tenant is a member of some role, or somebody but the admin of a tenant's: with or without use of it, it can be had. */
export async function memberships(scene: Scene): Promise<Leak[]> {
  return (await scene.rows<MembershipRow>(MEMBERSHIPS)).map(({ role, member, victim, mayBecome, givers }) => {
    const [of, from] = [quoted(role), quoted(member)];
    return {
      check: "membership" as const,
      role: member,
      victim: victim ?? undefined,
      object: `role ${quoted(role)}`,
      statement: mayBecome
        ? `set role ${of}`
        : `select pg_has_role(${escapeLiteral(member)}, ${escapeLiteral(role)}, 'member')`,
      closes: givers.map((giver) => ({
        as: giver,
        statement: `revoke ${of} from ${from} granted by ${quoted(giver)} cascade`,
      })),
    };
  });
}
