-- Where lo_compat_privileges is on, so that no right on a large object is checked. Reads the function behind pg_settings: everybody may lock
-- the view, and so hold up whoever reads it.
\ir given.sql
select null::text as role, null::text as database
  from pg_show_all_settings()
 where name = 'lo_compat_privileges' and setting = 'on' and source not in ('database', 'user', 'database user', 'session')
union all
select role_name, datname::text
  from pg_db_role_setting
  left join pg_database on pg_database.oid = setdatabase
  left join json_to_recordset(:'tenants') as tenant (role oid, role_name text) on tenant.role = setrole
 cross join unnest(setconfig) as setting
 where (setrole = 0 or tenant.role is not null) and (setdatabase = 0 or datname = current_database())
   and setting ~* '^lo_compat_privileges=(on|t|tr|tru|true|y|ye|yes|1)$'
 order by role nulls first, database nulls first;
