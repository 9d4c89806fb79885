-- Settings of others than tenants, of routines and of the server's configuration by which names are looked up in a tenant's schema, or
-- sessions act as a tenant: which of them name a tenant is found out by whoever reads the rows. What the configuration says is what a
-- session of the admin's begins with, unless something is set for the admin or the database. Reads the function behind pg_settings:
-- everybody may lock the view, and so hold up whoever reads it.
\ir given.sql
with tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, schema oid)),
setting as (
  select setrole, setdatabase, lower(split_part(each, '=', 1)) as name, substr(each, strpos(each, '=') + 1) as value
    from pg_db_role_setting, unnest(setconfig) as each
   where setdatabase in (0, (select oid from pg_database where datname = current_database()))
     and not exists (select from tenant where tenant.role = setrole))
select setting.name, value, rolname::text as role, datname::text as database, setrole::text as "setRole", setdatabase::text as "setDatabase",
       null as routine, null as oid, null as schema, null as "schemaOwner", null::bool as shut, null as home,
       case when rolsuper or rolname is null and setdatabase = 0 then pg_get_userbyid(10)
            when rolname is null then pg_get_userbyid(datdba)
            when rolname = :'admin' or current_setting('server_version_num')::int < 160000
                 or pg_has_role(:'admin', pg_roles.oid, 'member with admin option') then :'admin'
            else pg_get_userbyid(10) end::text as keeper
  from setting
  left join pg_roles on pg_roles.oid = setrole
  left join pg_database on pg_database.oid = setdatabase
 where setting.name in ('search_path', 'role', 'session_authorization')
union all
select lower(split_part(each, '=', 1)), substr(each, strpos(each, '=') + 1), null, null, null, null,
       identity, pg_proc.oid::text, nspname, pg_get_userbyid(nspowner), not has_schema_privilege(proowner, pronamespace, 'usage'), slug,
       pg_get_userbyid(proowner)
  from pg_proc
  join pg_namespace on pg_namespace.oid = pronamespace
  left join tenant on tenant.schema = pronamespace
 cross join unnest(proconfig) as each
 cross join lateral pg_identify_object('pg_proc'::regclass, pg_proc.oid, 0) as named
 where pg_proc.oid >= :'first_made' and lower(split_part(each, '=', 1)) in ('search_path', 'role', 'session_authorization')
   and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = pg_proc.oid and e.deptype = 'e')
union all
select name, reset_val, null, null, null, null, null, null, null, null, null, null, pg_get_userbyid(10)
  from pg_show_all_settings()
 where name = 'search_path'
   and not exists (
     select from setting join pg_roles on pg_roles.oid = setrole or setrole = 0
      where setting.name = 'search_path' and setting.value = reset_val and rolname in (current_user, :'admin'))
 order by role nulls first, database nulls first, routine nulls first, name;
