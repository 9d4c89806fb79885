import { identified } from "../../../database/object-identity";
import type { Leak } from "../leak";
import { OBJECTS } from "./access-lists";
import { FIRST_MADE } from "./first-made";
import { type GrantRow, leakOf } from "./grant-leak";
import { MOST, numbered, withTheRest } from "./most";
import { type Scene, WHO } from "./scene";

/**
 * What initdb or an extension's own script gave, or else what PostgreSQL gives by default. In `public` neither is wanted. Of the
 * information schema initdb keeps no record; its views for all show nothing to those without rights, the others are its own.
 */
const GIVEN_ANYWAY = `
  held.grantee = 0 and held.objid < ${FIRST_MADE} and privilege_type in ('SELECT', 'USAGE') and held.nsp = to_regnamespace('information_schema')::oid
   and not exists (select from pg_class where pg_class.oid = held.objid and relname like '\\_pg\\_%')
   or exists (
    select from aclexplode(coalesce(
        (select initprivs from pg_init_privs i
          where i.objoid = held.objid and i.classoid = held.classid and i.objsubid = held.objsubid
            and (kind <> 'n' or held.objid is distinct from to_regnamespace('public')::oid)),
        acldefault(kind::"char", held.owner))) as usual
     where kind <> 'd' and usual.grantee = held.grantee and usual.privilege_type = held.privilege_type
       and (usual.is_grantable or not held.is_grantable))`;

/** A tenant may connect to this database, and so may third roles. What PUBLIC may by default in other databases is for a note. */
const MEANT = `
  kind = 'd' and case when held.objid = this.oid then who.role is not null and privilege_type = 'CONNECT' and not is_grantable
                      else held.grantee = 0 and privilege_type in ('CONNECT', 'TEMPORARY') end`;

/**
 * What PUBLIC or a tenant may do outside the tenant's schema, and what others may do with what is a tenant's. Each object once for each
 * who has some right, and each who gave it.
 */
const GRANTS = `
  with ${WHO}, ${OBJECTS},
  this as (select oid, datdba from pg_database where datname = current_database()),
  held as (
    select object.*, a.grantor, a.grantee, a.privilege_type, a.is_grantable from object, aclexplode(acl) as a
     where a.grantee <> owner and not exists (select from trusted where trusted.oid = a.grantee)),
  open as (
    select kind, classid, objid, objsubid, nsp, held.owner, grantor, grantee, home.slug as victim,
           array_agg(distinct privilege_type order by privilege_type) as privileges
      from this, held
      left join tenant home on home.schema = nsp or nsp is null and kind in ('L', 'S', 'F') and home.role = held.owner
      left join tenant who on who.role = grantee
     where (grantee = 0 or who.role is not null or home.slug is not null)
       and home.slug is distinct from coalesce(who.slug, '')
       and pg_is_other_temp_schema(nsp) is not true
       and (${MEANT}) is not true and (${GIVEN_ANYWAY}) is not true
     group by kind, classid, objid, objsubid, nsp, held.owner, grantor, grantee, home.slug),
  counted as (
    select open.*, ${numbered("kind, victim, case when victim is null then grantee end", "nsp, objid, objsubid, grantee, grantor")} from open)
  select kind, nth, total, objid::text as oid, replace(type, ' ACL', '') as type, identity, attname::text as "column",
         nsp::text as nsp, nspname::text as schema,
         pg_get_userbyid(nspowner)::text as "schemaOwner", coalesce(nspname in ('pg_catalog', 'information_schema'), false) as system,
         case grantee when 0 then null else pg_get_userbyid(grantee)::text end as grantee, victim,
         array(select each from unnest(privileges) as each where not meant or each <> 'CONNECT') as privileges,
         meant and 'CONNECT' = any (privileges) as "onlyPassesOn",
         pg_get_userbyid(giver)::text as giver, giver = counted.owner or counted.owner = 'pg_database_owner'::regrole as "byOwner",
         kind <> 'n' and not has_schema_privilege(giver, nsp, 'usage') as shut
    from counted
    cross join this
    left join pg_namespace on pg_namespace.oid = nsp
    left join pg_attribute on kind = 'c' and attrelid = objid and attnum = objsubid
    cross join lateral (select kind = 'd' and objid = this.oid and grantee <> 0 as meant) as by_program
    -- The owner of the database acts as this role without being told so.
    cross join lateral (select case grantor when 'pg_database_owner'::regrole then datdba else grantor end as giver) as given,
         ${identified("classid", "objid")} i
   where nth <= ${MOST} and identity is not null
   order by victim nulls first, classid, identity, objsubid, grantee nulls first, "byOwner"`;

/** A schema that somebody may use who should not. */
export interface Opening {
  /** Of the schema. */
  readonly nsp: string;
  readonly leak: Leak;
}

/** Rights that somebody holds by an access list. */
export async function grants(scene: Scene): Promise<{ leaks: Leak[]; openings: Opening[] }> {
  const held = new Map<string, GrantRow[]>();
  for (const row of await scene.rows<GrantRow>(GRANTS)) {
    const key = JSON.stringify([row.kind, row.oid, row.column, row.grantee]);
    held.set(key, [...(held.get(key) ?? []), row]);
  }
  const told = [...held.values()].map((rows) => ({
    rows,
    leak: rows.reduce((leak, row) => withTheRest(leak, row), leakOf(rows)),
  }));
  // Who gave a right without owning the object was given it, and may be unable to take it back once its own is gone.
  told.sort((a, b) => Number(a.rows.every((row) => row.byOwner)) - Number(b.rows.every((row) => row.byOwner)));
  return {
    leaks: told.map(({ leak }) => leak),
    openings: told.flatMap(({ rows, leak }) => {
      const usage = rows.find(({ kind, privileges }) => kind === "n" && privileges.includes("USAGE"));
      return usage === undefined || usage.nsp === null ? [] : [{ nsp: usage.nsp, leak }];
    }),
  };
}
