-- Large objects that tenants own. They are in no schema, so no schema's wall protects them and no backup holds them. There may be millions.
\ir given.sql
select role_name as tenant, min(objid)::text as first, count(*)::integer as number
  from json_to_recordset(:'tenants') as tenant (role oid, role_name text)
  join pg_shdepend on refclassid = 'pg_authid'::regclass and refobjid = role and deptype = 'o'
 where classid = 'pg_largeobject'::regclass and dbid = (select oid from pg_database where datname = current_database())
 group by 1 order by 1;
