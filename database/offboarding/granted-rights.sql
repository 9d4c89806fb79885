-- What others have granted to a role, each with the role that can take it back. pg_shdepend knows every such right of this database,
-- the object's access list who gave it. Also the memberships in other
-- roles that the role has given: they stay when it has lost the right to give them. Run it with a search_path of pg_catalog, so that names are qualified.
\set role 'user_acme'
with role as (select oid from pg_roles where rolname = :'role'),
object as (select distinct classid, objid from pg_shdepend
  where refclassid = 'pg_authid'::regclass and refobjid = (select oid from role) and deptype = 'a'
    and dbid in (0, (select oid from pg_database where datname = current_database()))),
named as (
  select case relkind when 'S' then 'sequence ' else 'table ' end || oid::regclass as target, relacl as acl
    from pg_class join object on classid = 'pg_class'::regclass and objid = oid
  union all select 'table ' || attrelid::regclass, attacl
    from pg_attribute join object on classid = 'pg_class'::regclass and objid = attrelid
  union all select 'schema ' || quote_ident(nspname), nspacl
    from pg_namespace join object on classid = 'pg_namespace'::regclass and objid = oid
  -- `in` before each argument: without it, PostgreSQL also looks for a procedure whose OUT arguments are of these types.
  union all select format('routine %I.%I(%s)', nspname, proname, (
             select string_agg('in ' || format_type(argument, null), ', ' order by position)
               from unnest(proargtypes) with ordinality as given (argument, position))), proacl
    from pg_proc join object on classid = 'pg_proc'::regclass and objid = pg_proc.oid join pg_namespace n on n.oid = pronamespace
  union all select 'type ' || oid::regtype, typacl
    from pg_type join object on classid = 'pg_type'::regclass and objid = oid
  union all select 'database ' || quote_ident(datname), datacl
    from pg_database join object on classid = 'pg_database'::regclass and objid = oid
  union all select 'tablespace ' || quote_ident(spcname), spcacl
    from pg_tablespace join object on classid = 'pg_tablespace'::regclass and objid = oid
  union all select 'language ' || quote_ident(lanname), lanacl
    from pg_language join object on classid = 'pg_language'::regclass and objid = oid
  union all select 'foreign data wrapper ' || quote_ident(fdwname), fdwacl
    from pg_foreign_data_wrapper join object on classid = 'pg_foreign_data_wrapper'::regclass and objid = oid
  union all select 'foreign server ' || quote_ident(srvname), srvacl
    from pg_foreign_server join object on classid = 'pg_foreign_server'::regclass and objid = oid
  union all select 'large object ' || oid, lomacl
    from pg_largeobject_metadata join object on classid = 'pg_largeobject'::regclass and objid = oid)
select distinct pg_get_userbyid(grantor) as giver, format('revoke all on %s from %I cascade', target, :'role'::text) as statement
  from named, aclexplode(acl)
 where grantee = (select oid from role) and grantor <> grantee
   -- CONNECT here goes with its own resource.
   and not (target = 'database ' || quote_ident(current_database())
     and grantor = (select datdba from pg_database where datname = current_database()))
union all -- since PostgreSQL 16
select pg_get_userbyid(grantor), format('revoke %I from %I granted by %I cascade', pg_get_userbyid(roleid), pg_get_userbyid(member), pg_get_userbyid(grantor)) -- since PostgreSQL 16
  from pg_auth_members -- since PostgreSQL 16
 where grantor = (select oid from role) and not grantor in (roleid, member) -- since PostgreSQL 16
 order by 1, 2;
