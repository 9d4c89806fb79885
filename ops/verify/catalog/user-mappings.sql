-- Logins on other servers for tenants to use. The view lists every mapping to everybody, and hides the passwords.
\ir given.sql
select umid::text as oid, s.srvname::text as server, pg_get_userbyid(srvowner)::text as owner, tenant.role_name as tenant
  from pg_user_mappings m
  join pg_foreign_server s on s.oid = srvid
  left join json_to_recordset(:'tenants') as tenant (role oid, role_name text) on tenant.role = umuser
 where umuser = 0 or tenant.role is not null
 order by 2, 4 nulls first;
