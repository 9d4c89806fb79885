import { type Client, escapeIdentifier } from "pg";
import { printable } from "../../domain/printable";
import { errorMessage } from "../error-message";
import { identified } from "../object-identity";
import { withTransaction } from "../transaction";

/**
 * What others have granted to a role, each with the one who can take it back. `pg_shdepend` knows every such right of this
 * database, the object's access list who gave it. Names are qualified and quoted by the server.
 */
const GRANTED = `
  with object as (select distinct classid, objid from pg_shdepend
    where refclassid = 'pg_authid'::regclass and refobjid = (select oid from pg_roles where rolname = $1) and deptype = 'a'
      and dbid in (0, (select oid from pg_database where datname = current_database()))),
  named as (
    select case relkind when 'S' then 'sequence ' else 'table ' end || oid::regclass as target, relacl as acl
      from pg_class join object on classid = 'pg_class'::regclass and objid = oid
    union all select 'table ' || attrelid::regclass, attacl
      from pg_attribute join object on classid = 'pg_class'::regclass and objid = attrelid
    union all select 'schema ' || quote_ident(nspname), nspacl
      from pg_namespace join object on classid = 'pg_namespace'::regclass and objid = oid
    union all select 'routine ' || o.identity, proacl
      from pg_proc join object on classid = 'pg_proc'::regclass and objid = pg_proc.oid,
           ${identified("'pg_proc'::regclass", "object.objid")} as o
    union all select 'type ' || oid::regtype, typacl
      from pg_type join object on classid = 'pg_type'::regclass and objid = oid
    -- CONNECT here goes with its own resource.
    union all select 'database ' || quote_ident(datname), datacl
      from pg_database join object on classid = 'pg_database'::regclass and objid = oid where datname <> current_database()
    union all select 'large object ' || oid, lomacl
      from pg_largeobject_metadata join object on classid = 'pg_largeobject'::regclass and objid = oid)
  select distinct pg_get_userbyid(grantor) as giver, format('revoke all on %s from %I cascade', target, $1::text) as statement
    from named, aclexplode(acl)
   where grantee = (select oid from pg_roles where rolname = $1) and grantor <> grantee
   order by 1, 2`;

/** Rights in what is still to be made: those that others promise the role, and those that it promises others. */
const PROMISED = `
  with role as (select oid from pg_roles where rolname = $1),
  promise as (
    select pg_get_userbyid(defaclrole) as giver, defaclrole, defaclobjtype, acl.grantee, defaclnamespace,
           coalesce(' in schema ' || quote_ident(nspname), '') as place,
           case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'routines' when 'T' then 'types'
                when 'n' then 'schemas' else 'large objects' end as kind
      from pg_default_acl left join pg_namespace on pg_namespace.oid = defaclnamespace, aclexplode(defaclacl) as acl
     where acl.grantee = (select oid from role) or defaclrole = (select oid from role))
  select distinct giver, statement from promise, lateral (values
    (case when grantee <> defaclrole then
      format('alter default privileges for role %I%s revoke all on %s from %s', giver, place, kind,
             case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end) end),
    -- An entry that says what holds anyway is none; only so does it vanish.
    (case when defaclrole = (select oid from role) and defaclnamespace = 0 then
      format('alter default privileges for role %I grant all on %s to %I%s', giver, kind, giver,
             case when defaclobjtype in ('f', 'T') then ', public' else '' end) end)) as made (statement)
   where statement is not null order by giver, statement desc`;

/**
 * Takes away what a role may do in other schemas, and what it lets others do in what it would still make: PostgreSQL drops no role
 * that has such rights left, and a neighbour could keep a tenant from being removed by giving it some. All of it or nothing.
 *
 * @param admin May make itself a member of each giver.
 */
export async function revokeRightsElsewhere(admin: Client, role: string): Promise<void> {
  await withTransaction(admin, async () => {
    for (const query of [GRANTED, PROMISED]) {
      const { rows } = await admin.query<{ giver: string; statement: string }>(query, [role]);
      for (const { giver, statement } of rows) await asGiver(admin, giver, statement);
    }
  });
}

/** A right is taken back by the one who gave it; another's REVOKE passes it over without a word. Neither runs any code. */
async function asGiver(admin: Client, giver: string, statement: string): Promise<void> {
  const { rows } = await admin.query<{ self: boolean }>("select $1 = current_user as self", [giver]);
  if (rows[0]?.self) {
    await admin.query(statement);
    return;
  }
  const name = escapeIdentifier(giver);
  await admin.query(`grant ${name} to current_user with inherit true, set true`);
  await admin.query(`set local role ${name}`);
  await admin.query(statement).catch((error: unknown) => {
    throw new Error(
      `what ${printable(giver)} has granted cannot be taken back (${printable(statement)}: ${errorMessage(error)}): see to it as the ` +
        "admin or as that role, which may have shut itself out of its schema",
    );
  });
  await admin.query("reset role");
  await admin.query(`revoke ${name} from current_user`);
}
