-- Privileges on the schema, on what is in it and on what the role owns elsewhere that are neither the owner's nor the role's, nor
-- PostgreSQL's own defaults, for example EXECUTE on functions for PUBLIC. Each object once for each grantee.
\set schema 'schema_acme'
\set role 'user_acme'
with object as (
  select 'pg_namespace'::regclass as classid, oid as objid, nspowner as owner, nspacl as acl, 'n' as kind, null::text as "column"
    from pg_namespace where oid = :'schema'::regnamespace
  union all
  select 'pg_class'::regclass, oid, relowner, relacl, case relkind when 'S' then 's' else 'r' end, null
    from pg_class where relnamespace = :'schema'::regnamespace or relowner = :'role'::regrole
  union all
  select 'pg_class'::regclass, attrelid, relowner, attacl, 'c', attname
    from pg_attribute join pg_class on pg_class.oid = attrelid
   where (relnamespace = :'schema'::regnamespace or relowner = :'role'::regrole) and not attisdropped
  union all
  select 'pg_proc'::regclass, oid, proowner, proacl, 'f', null
    from pg_proc where pronamespace = :'schema'::regnamespace or proowner = :'role'::regrole
  union all
  select 'pg_type'::regclass, oid, typowner, typacl, 'T', null
    from pg_type where typnamespace = :'schema'::regnamespace or typowner = :'role'::regrole)
select kind, "column", i.type, i.identity, objid::text as oid,
       case a.grantee when 0 then null else pg_get_userbyid(a.grantee)::text end as grantee,
       string_agg(distinct a.privilege_type, ', ' order by a.privilege_type) as privileges
  from object, aclexplode(acl) a, pg_identify_object(classid, objid, 0) i
 where a.grantee not in (:'role'::regrole, owner)
   and not exists (
     select from aclexplode(acldefault(kind::"char", owner)) d
      where d.grantee = 0 and a.grantee = 0 and d.privilege_type = a.privilege_type and not a.is_grantable)
 group by kind, "column", i.type, i.identity, objid, a.grantee
 order by kind = 'n' desc, i.type, i.identity, "column" nulls first, grantee;
