-- What keeps a role from being dropped once its schema is gone: whatever it owns, has rights in or is named by, in every database. What is
-- in another database can only be counted from here.
\set role 'user_acme'
\set schema 'schema_acme'
with role as (select oid from pg_roles where rolname = :'role'),
home as (select oid from pg_namespace where nspname = :'schema'),
here as (select oid, datdba from pg_database where datname = current_database()),
reference as (
  select d.* from pg_shdepend d join role on d.refclassid = 'pg_authid'::regclass and d.refobjid = role.oid),
kept as (
  select deptype, pg_describe_object(classid, objid, objsubid) as object
    from reference
   where dbid in (0, (select oid from here))
     -- What goes with the schema, and the memberships that go with the role.
     and not (classid = 'pg_namespace'::regclass and objid = (select oid from home))
     and not (dbid <> 0 and coalesce((pg_identify_object(classid, objid, 0)).schema = :'schema', false))
     and not (classid = 'pg_policy'::regclass
       and coalesce((pg_identify_object_as_address(classid, objid, 0)).object_names[1] = :'schema', false))
     and not exists (select from pg_default_acl a
       where classid = 'pg_default_acl'::regclass and a.oid = objid and defaclnamespace = (select oid from home))
     -- They have oids since PostgreSQL 16.
     and not exists (select from pg_auth_members m
       where classid = 'pg_auth_members'::regclass and (to_jsonb(m) ->> 'oid')::oid = objid and (select oid from role) in (roleid, member))
     -- CONNECT here goes with its own resource, if the database's owner has granted it.
     and not (classid = 'pg_database'::regclass and objid = (select oid from here) and deptype = 'a' and not exists (
       select from pg_database, aclexplode(datacl)
        where oid = objid and grantee = (select oid from role) and grantor <> datdba)))
select null as database, case deptype when 'o' then 'owned' when 'r' then 'named' when 'i' then 'initial' else 'rights' end as way, object from kept
union all
select datname, 'elsewhere', count(*)::text from reference join pg_database on pg_database.oid = dbid
 where datname <> current_database() group by datname
 order by 1, 2, 3;
