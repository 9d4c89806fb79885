import { escapeLiteral } from "pg";
import type { Note } from "../leak";
import { MIGHTY_ROLES } from "../mighty-roles";
import { quoted } from "../quoted";
import { FIRST_MADE } from "./first-made";
import { RDS_OWN, type Scene, WHO } from "./scene";

/** Holds for a role that is neither a tenant, nor the admin, nor one of the server's or of RDS's own. */
const THIRD = (name: string, oid: string) => `
  ${oid} >= ${FIRST_MADE} and ${name} <> $4::text and ${name} !~ ${RDS_OWN}
     and not exists (select from tenant where tenant.role = ${oid})`;

/** The members of mighty roles, directly or not. */
const MEMBERS = `
  with recursive ${WHO},
  mighty as materialized (
    select oid from pg_roles
     where rolname in ($4::text, ${MIGHTY_ROLES.map(escapeLiteral).join(", ")})),
  reach as (
    select oid as mighty, oid as role from mighty
    union
    select reach.mighty, member from reach join pg_auth_members on roleid = role
     -- Whoever is a member of a mighty member is told of as such.
     where role = reach.mighty or role not in (select oid from mighty))
  select m.rolname::text as name, r.rolname::text as of
    from reach join pg_roles r on r.oid = mighty join pg_roles m on m.oid = role
   where mighty <> role and ${THIRD("m.rolname", "m.oid")}
   order by 1, 2`;

const ATTRIBUTES = `
  with ${WHO}
  select rolname::text as name, attribute, pg_get_userbyid(10)::text as superuser
    from pg_roles, lateral (values ('superuser', rolsuper), ('replication', rolreplication)) as has (attribute, held)
   where held and rolcanlogin and ${THIRD("rolname", "pg_roles.oid")}
   order by 1, 2`;

const PASSWORDS = `
  with ${WHO}
  select distinct rolname::text as name, pg_get_userbyid(10)::text as superuser
    from pg_class, aclexplode(relacl) as a join pg_roles on pg_roles.oid = grantee
   where pg_class.oid in ('pg_authid'::regclass, 'pg_shadow'::regclass) and ${THIRD("rolname", "pg_roles.oid")}
   order by 1`;

const OWNER = `
  with ${WHO}
  select rolname::text as name from pg_database join pg_roles on pg_roles.oid = datdba
   where datname = current_database() and ${THIRD("rolname", "pg_roles.oid")}`;

/** Third roles that no wall between tenants holds up: somebody may want that, and should know. */
export async function thirdRoles(scene: Scene): Promise<Note[]> {
  const { adminUser } = scene.ground;
  const database = quoted(scene.ground.database);
  const members = await scene.rows<{ name: string; of: string }>(MEMBERS);
  const attributes = await scene.rows<{ name: string; attribute: string; superuser: string }>(ATTRIBUTES);
  const readers = await scene.rows<{ name: string; superuser: string }>(PASSWORDS);
  const owners = await scene.rows<{ name: string }>(OWNER);
  const third = (name: string) => `${quoted(name)}, which is no tenant,`;
  return [
    ...members.map(({ name, of }) => ({
      sentence: `${third(name)} is a member of ${quoted(of)}, and so reaches what is every tenant's`,
      statement: `select pg_has_role(${escapeLiteral(name)}, ${escapeLiteral(of)}, 'member')`,
    })),
    ...attributes.map(({ name, attribute, superuser }) => ({
      sentence: `${third(name)} has the attribute ${attribute.toUpperCase()}, and so reaches what is every tenant's`,
      statement: `alter role ${quoted(name)} no${attribute}`,
      as: superuser,
    })),
    ...readers.map(({ name, superuser }) => ({
      sentence: `${third(name)} may read pg_authid, where the passwords of all roles are`,
      statement: `revoke all on pg_catalog.pg_authid, pg_catalog.pg_shadow from ${quoted(name)}`,
      as: superuser,
    })),
    ...owners.map(({ name }) => ({
      sentence: `${third(name)} owns database ${database}, and so decides who may connect`,
      statement: `alter database ${database} owner to ${quoted(adminUser)}`,
      as: name,
    })),
  ];
}
