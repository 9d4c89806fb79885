-- Tables in a tenant's schema whose rows are in a file of the server's or on another server. A server that the tenant owns is a leak of
-- ownership.
\ir given.sql
select tenant.role_name as role, type, identity, c.oid::text as oid, pg_get_userbyid(relowner)::text as owner,
       srvname::text as server, schema_name as schema, pg_get_userbyid(tenant.schema_owner)::text as "schemaOwner",
       not has_schema_privilege(relowner, relnamespace, 'usage') as shut
  from pg_foreign_table
  join pg_class c on c.oid = ftrelid
  join json_to_recordset(:'tenants') as tenant (role oid, role_name text, schema oid, schema_name text, schema_owner oid)
    on tenant.schema = relnamespace
  join pg_foreign_server s on s.oid = ftserver,
       pg_identify_object('pg_class'::regclass, c.oid, 0) i
 where srvowner is distinct from tenant.role
   and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
 order by 1, identity;
