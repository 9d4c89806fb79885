-- Third roles that no wall between tenants stops: neither a tenant, nor the admin, nor one that came with the server or with RDS.
--   membership  is a member of a powerful role, directly or not; members of a powerful member are listed with that one only. A third role
--               that one of the other kinds is about is powerful too. A membership with neither INHERIT nor SET nor ADMIN gives nothing;
--               before PostgreSQL 16 each gives all
--   attribute   is a superuser, may read everything by replication, or (before PostgreSQL 16) may give itself any role, and can log in
--   passwords   may read the table of all roles' passwords
--   catalog     may read or change other tables of the server's that PUBLIC may not
--   routine     may call routines of the server's that PUBLIC may not
--   parameter   may set parameters that PUBLIC may not
--   owner       owns this database
\ir given.sql
\set powerful '{rds_superuser,pg_read_all_data,pg_write_all_data}'
with recursive third as materialized (
  select oid, rolname::text as name, rolcanlogin, rolsuper, rolreplication,
         rolcreaterole and current_setting('server_version_num')::int < 160000 as any_role
    from pg_roles
   where oid >= :'first_made' and rolname <> :'admin' and not oid = any (:'rds_own'::oid[])
     and not exists (select from json_to_recordset(:'tenants') as tenant (role oid) where tenant.role = pg_roles.oid)),
object as (
  select case when oid in ('pg_authid'::regclass, 'pg_shadow'::regclass) then 'passwords' else 'catalog' end as what,
         'r'::"char" as kind, 'pg_class'::regclass as classid, oid as objid, 0 as objsubid, relowner as owner, relacl as acl
    from pg_class where oid < :'first_made' and relacl is not null
  union all
  select case when attrelid in ('pg_authid'::regclass, 'pg_shadow'::regclass) then 'passwords' else 'catalog' end,
         'c', 'pg_class'::regclass, attrelid, attnum, 10, attacl
    from pg_attribute where attrelid < :'first_made' and attacl is not null
  union all
  select 'routine', 'f', 'pg_proc'::regclass, oid, 0, proowner, proacl from pg_proc where oid < :'first_made' and proacl is not null
  union all -- since PostgreSQL 15
  select 'parameter', 'p', 'pg_parameter_acl'::regclass, oid, 0, 10, paracl from pg_parameter_acl -- since PostgreSQL 15
),
granted as materialized (
  select object.*, name, grantee, privilege_type from object cross join lateral aclexplode(acl) join third on third.oid = grantee),
held as materialized (
  select distinct what, grantee as oid, name, classid, objid
    from granted
   where not exists (
     select from aclexplode(coalesce(
         (select initprivs from pg_init_privs i where i.objoid = objid and i.classoid = classid and i.objsubid = granted.objsubid),
         acldefault(kind, owner))) as usual
      where usual.grantee in (0, granted.grantee) and usual.privilege_type = granted.privilege_type)),
powerful as materialized (
  select oid from pg_roles where rolname = :'admin' or rolname = any (:'powerful'::text[]) or rolsuper or rolreplication
  union select oid from third where any_role
  union select oid from held
  union select datdba from pg_database join third on third.oid = datdba where datname = current_database()),
reach as (
  select oid as powerful, oid as role from powerful
  union
  select reach.powerful, member from reach join pg_auth_members m on roleid = role
   where (role = reach.powerful or role not in (select oid from powerful))
     and (admin_option or coalesce((to_jsonb(m) ->> 'inherit_option')::bool, true) or coalesce((to_jsonb(m) ->> 'set_option')::bool, true)))
select 'membership' as what, name, pg_get_userbyid(powerful)::text as of
  from reach join third on third.oid = role where powerful <> role
union all
select 'attribute', name, attribute
  from third, lateral (values ('superuser', rolsuper), ('replication', rolreplication), ('createrole', any_role)) as has (attribute, held)
 where held and rolcanlogin
union all
select what, name, string_agg(identity, ', ' order by identity)
  from held cross join lateral (
    select case classid when 'pg_class'::regclass then format('%I.%I', i.schema, i.name)
                        else i.identity end as identity from pg_identify_object(classid, objid, 0) i) as named
 group by what, name
union all
select 'owner', name, datname from pg_database join third on third.oid = datdba where datname = current_database()
 order by 2, 3;
