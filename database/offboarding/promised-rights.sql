-- Rights in objects that are still to be made: those that others promise a role by default privileges, and those that it promises others.
-- What is promised in the role's own schema goes with that.
\set role 'user_acme'
\set schema 'schema_acme'
with role as (select oid from pg_roles where rolname = :'role'),
promise as (
  select pg_get_userbyid(defaclrole) as giver, defaclrole, defaclobjtype, acl.grantee, defaclnamespace,
         coalesce(' in schema ' || quote_ident(nspname), '') as place,
         case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'routines' when 'T' then 'types'
              when 'n' then 'schemas' else 'large objects' end as kind
    from pg_default_acl left join pg_namespace on pg_namespace.oid = defaclnamespace, aclexplode(defaclacl) as acl
   where (acl.grantee = (select oid from role) or defaclrole = (select oid from role)) and nspname is distinct from :'schema')
select distinct giver, statement from promise, lateral (values
  (case when grantee <> defaclrole then
    format('alter default privileges for role %I%s revoke all on %s from %s', giver, place, kind,
           case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end) end),
  -- An entry that says what holds anyway is none; only so does it vanish.
  (case when defaclrole = (select oid from role) and defaclnamespace = 0 then
    format('alter default privileges for role %I grant all on %s to %I%s', giver, kind, giver,
           case when defaclobjtype in ('f', 'T') then ', public' else '' end) end)) as made (statement)
 where statement is not null order by giver, statement desc;
