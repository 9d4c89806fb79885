-- Routines that run with the rights of their owner, in a tenant's schema or one that is no tenant's, and that PUBLIC or that tenant may
-- call. They count also while their schema is closed; `closed` says so when the schema is the owner's. What belongs to another tenant or a
-- third role in a tenant's schema is a leak of ownership; what a third role has in a schema of its own concerns only that role.
\ir given.sql
with tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, role_name text, schema oid))
select t.slug, coalesce(t.role_name, 'public') as role, type, identity, routine.oid::text as oid,
       pg_get_userbyid(proowner)::text as owner, nspname::text as schema,
       pg_get_userbyid(nspowner)::text as "schemaOwner", not has_schema_privilege(proowner, n.oid, 'usage') as shut,
       t.slug is null and nspowner = proowner and not has_schema_privilege('public', n.oid, 'usage')
         and not exists (select from tenant where tenant.role is not null and has_schema_privilege(tenant.role, n.oid, 'usage')) as closed
  from pg_proc as routine
  join pg_namespace n on n.oid = pronamespace
  left join tenant t on t.schema = n.oid
 cross join lateral (
   select min(grantee) as grantee from aclexplode(coalesce(proacl, acldefault('f', proowner))) as each
    where each.grantee = 0 or each.grantee = t.role) a,
       pg_identify_object('pg_proc'::regclass, routine.oid, 0) i
 where prosecdef and a.grantee is not null and prorettype <> 'event_trigger'::regtype
   and routine.oid >= :'first_made' and pg_is_other_temp_schema(n.oid) is not true
   and (proowner = any (:'trusted'::oid[])
        or t.slug is null and nspowner <> proowner and not exists (select from tenant where tenant.role = proowner))
   -- What an extension brought along belongs to the extension.
   and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = routine.oid and e.deptype = 'e')
 order by t.slug nulls first, identity;
