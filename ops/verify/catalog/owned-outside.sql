-- What a tenant owns outside all schemas, or in one that is no tenant's. Temporary objects end with their session; default privileges,
-- user mappings and large objects have queries of their own.
\ir given.sql
with tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (role oid, role_name text, schema oid, schema_name text)),
outside as (
  select (row_number() over (partition by role order by s.classid, s.objid))::integer as nth,
         (count(*) over (partition by role))::integer as total, role_name, schema_name, tenant.schema is not null as "hasSchema",
         s.classid, s.objid, nspname, nspowner, e.extname,
         case when srvfdw is not null then has_foreign_data_wrapper_privilege(:'admin'::text, srvfdw, 'usage')
              else s.classid not in ('pg_foreign_data_wrapper'::regclass, 'pg_event_trigger'::regclass) end as "forAdmin"
    from tenant
    join pg_shdepend s on s.refclassid = 'pg_authid'::regclass and s.refobjid = tenant.role and s.deptype = 'o'
     and s.dbid in (0, (select oid from pg_database where datname = current_database()))
    left join pg_depend d
      on d.classid = s.classid and d.objid = s.objid and d.refclassid = 'pg_namespace'::regclass and d.deptype = 'n'
    left join pg_namespace n on n.oid = d.refobjid
    left join pg_foreign_server f on s.classid = 'pg_foreign_server'::regclass and f.oid = s.objid
    left join pg_depend member on member.classid = s.classid and member.objid = s.objid and member.deptype = 'e'
    left join pg_extension e on e.oid = member.refobjid
   where s.classid not in ('pg_default_acl'::regclass, 'pg_user_mapping'::regclass, 'pg_largeobject'::regclass)
     and not exists (
       select from tenant home where home.schema in (d.refobjid, case s.classid when 'pg_namespace'::regclass then s.objid end))
     and n.nspname ~ '^pg_(toast_)?temp_' is not true
     -- What an extension of the tenant's brought along goes where the extension goes, and a column's sequence where its table goes.
     and e.extowner is distinct from tenant.role
     and not exists (
       select from pg_depend other
        where other.classid = s.classid and other.objid = s.objid
          and other.refobjsubid > 0 and other.deptype in ('a', 'i') and other.refclassid = 'pg_class'::regclass
          and exists (select from pg_class where oid = other.objid and relkind = 'S')))
select role_name as tenant, nth, total, schema_name as place, "hasSchema", nspname::text as schema,
       pg_get_userbyid(nspowner)::text as "schemaOwner", "forAdmin", quote_ident(extname) as extension,
       type, identity, classid::text, objid::text as oid
  from outside, pg_identify_object(classid, objid, 0) i
 where nth <= :'most' and identity is not null
 order by 1, type, identity;
