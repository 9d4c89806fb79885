-- Third roles that no wall between tenants stops: neither a tenant, nor the admin, nor one that came with the server or with RDS.
--   membership  is a member of a powerful role, directly or not; members of a powerful member are listed with that one only
--   attribute   is a superuser, or may read everything by replication, and can log in
--   passwords   may read the table of all roles' passwords
--   owner       owns this database
\ir given.sql
\set powerful '{rds_superuser,pg_read_all_data,pg_write_all_data}'
with recursive third as materialized (
  select oid, rolname::text as name, rolcanlogin, rolsuper, rolreplication from pg_roles
   where oid >= :'first_made' and rolname <> :'admin' and not oid = any (:'rds_own'::oid[])
     and not exists (select from json_to_recordset(:'tenants') as tenant (role oid) where tenant.role = pg_roles.oid)),
powerful as materialized (
  select oid from pg_roles where rolname = :'admin' or rolname = any (:'powerful'::text[])),
reach as (
  select oid as powerful, oid as role from powerful
  union
  select reach.powerful, member from reach join pg_auth_members on roleid = role
   where role = reach.powerful or role not in (select oid from powerful))
select 'membership' as what, name, pg_get_userbyid(powerful)::text as of
  from reach join third on third.oid = role where powerful <> role
union all
select 'attribute', name, attribute
  from third, lateral (values ('superuser', rolsuper), ('replication', rolreplication)) as has (attribute, held)
 where held and rolcanlogin
union all
select distinct 'passwords', name, null
  from pg_class, aclexplode(relacl) as a join third on third.oid = grantee
 where pg_class.oid in ('pg_authid'::regclass, 'pg_shadow'::regclass)
union all
select 'owner', name, datname from pg_database join third on third.oid = datdba where datname = current_database()
 order by 2, 3;
