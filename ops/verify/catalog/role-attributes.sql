-- Attributes that make a tenant's role more than a login.
\ir given.sql
select role_name as name, attribute, col as column, rolsuper as superuser
  from json_to_recordset(:'tenants') as tenant (role oid, role_name text)
  join pg_roles on oid = role,
       lateral (values (1, 'createdb', 'rolcreatedb', rolcreatedb), (2, 'createrole', 'rolcreaterole', rolcreaterole),
                       (3, 'superuser', 'rolsuper', rolsuper), (4, 'replication', 'rolreplication', rolreplication),
                       (5, 'bypassrls', 'rolbypassrls', rolbypassrls)) as has (place, attribute, col, held)
 where held
 order by name, place;
