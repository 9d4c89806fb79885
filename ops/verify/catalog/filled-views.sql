-- Materialized views in a tenant's schema that the tenant may read, and that were filled by way of something in no tenant's schema: from a
-- neighbour's objects, or by a routine whose statements the catalogs do not know. Whoever filled one needed rights for that; whoever
-- reads it needs none. What everybody may read is a leak of that grant. `direct` is what dependencies.sql has too. Those of the admin and of superusers can be closed to the tenant.
\ir given.sql
with recursive tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, role_name text, schema oid, schema_name text)),
filled as materialized (
  select t.slug, t.role, t.role_name, t.schema, t.schema_name, c.oid, relowner as owner, relowner = any (:'trusted'::oid[]) as of_trusted
    from tenant t join pg_class c on relnamespace = t.schema
   where relkind = 'm'
     and (not relowner = any (:'trusted'::oid[]) or exists (
       select from (select relacl as acl union all select attacl from pg_attribute where attrelid = c.oid) as its, aclexplode(acl) as held
        where held.grantee = t.role))),
-- All that its query leads to, and no further than to what is in a schema of a tenant's.
used (view, home, classid, objid, steps) as (
  select oid, schema, 'pg_class'::regclass::oid, oid, 0 from filled
  union
  select view, home, next.classid, next.objid, least(steps + 1, 3)
    from used
   cross join lateral (
     select 'pg_rewrite'::regclass::oid as classid, oid as objid from pg_rewrite
      where used.classid = 'pg_class'::regclass and ev_class = used.objid
     union all
     select refclassid, refobjid from pg_depend
      where classid = used.classid and objid = used.objid and used.classid <> 'pg_class'::regclass
        and refobjid >= :'first_made' and deptype in ('n', 'i', 'a')
        and refclassid in ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass)) as next
   where not exists (
     select from pg_depend e where e.classid = next.classid and e.objid = next.objid and e.deptype = 'e')
     and (used.classid = 'pg_rewrite'::regclass or used.steps = 0
          or coalesce((select relnamespace from pg_class where used.classid = 'pg_class'::regclass and oid = used.objid),
                      (select pronamespace from pg_proc where used.classid = 'pg_proc'::regclass and oid = used.objid), 0)
               not in (select schema from tenant where schema is not null))),
found as (
  select distinct on (view, theirs.slug) view, theirs.slug as of, used.classid, used.objid, steps <= 2 as direct
    from used
    left join pg_class on used.classid = 'pg_class'::regclass and pg_class.oid = used.objid
    left join pg_proc on used.classid = 'pg_proc'::regclass and pg_proc.oid = used.objid
    left join pg_type on used.classid = 'pg_type'::regclass and pg_type.oid = used.objid
    left join tenant theirs on theirs.schema = coalesce(relnamespace, pronamespace, typnamespace)
   where theirs.schema <> home
      or theirs.schema is null and prosqlbody is null and prolang <> (select oid from pg_language where lanname = 'internal')
         and pg_proc.oid >= :'first_made'
   order by view, theirs.slug, steps, used.classid, used.objid)
select role_name as role, of, i.type, i.identity, filled.oid::text as oid, of_trusted as "ofTrusted", pg_get_userbyid(filled.owner)::text as owner,
       u.type as "usedType", u.identity as used, schema_name as schema, pg_get_userbyid(nspowner)::text as "schemaOwner",
       not has_schema_privilege(filled.owner, filled.schema, 'usage') as shut
  from found
  join filled on filled.oid = view
  join pg_namespace on pg_namespace.oid = filled.schema,
       pg_identify_object('pg_class'::regclass, view, 0) i, pg_identify_object(found.classid, found.objid, 0) u
 where case when of_trusted then of is not null or not exists (select from found other where other.view = found.view and other.of is not null)
            else of is not null and not direct
              or of is null and not has_function_privilege(role, found.objid, 'execute') end
 order by role, i.identity, of;
