-- What PUBLIC has rights on and the provider's REVOKE does not close, each with the role that has to run a statement. For a schema the
-- provider makes the admin a member of the owner, if it can; for a database the admin has to be that already. Either way it takes back only
-- what the owner gave. And a database on which the admin may give nobody CONNECT.
--   joined    roles whose rights the admin has
--   joinable  roles that it may make itself a member of
\set admin 'postgres'
\set joined '{}'
\set joinable '{}'
with home as (
  select datname, datdba, datacl, format('alter database %I owner to %I', datname, :'admin'::name) as take_over
    from pg_database where datname = current_database()),
object as (
  select format('database %I', datname) as name, datdba as owner, coalesce(datacl, acldefault('d', datdba)) as acl, take_over,
         datdba = any (:'joined'::oid[]) as closable,
         has_database_privilege(current_database(), 'connect with grant option') as grantable
    from home
  union all
  select 'schema public', named.owner, coalesce(nspacl, acldefault('n', nspowner)),
         case nspowner when named.owner then format('alter schema public owner to %I', :'admin'::name) else take_over end,
         named.owner = any (:'joined'::oid[] || :'joinable'::oid[]), true
    from home, pg_namespace,
         lateral (select case nspowner when 'pg_database_owner'::regrole then datdba else nspowner end as owner) as named
   where nspname = 'public'),
given as (
  select name, owner, a.grantor from object, aclexplode(acl) as a where a.grantee = 0)
select name as object, pg_get_userbyid(owner)::text as role, take_over as statement
  from object
 where not closable and (not grantable or exists (select from given where given.name = object.name))
union
select name, pg_get_userbyid(grantor),
       format('set role %I; revoke all on %s from public cascade; reset role', pg_get_userbyid(grantor), name)
  from given where grantor not in (owner, 'pg_database_owner'::regrole)
 order by 1, 2;
