-- Memberships of tenants in any role, and of others than the admin in a tenant's. Those that were given by a member with the admin option
-- come first: once that member has lost its own, nobody could take them back. Before PostgreSQL 16 it does not matter who gave one: the
-- admin takes back any but a superuser's. A tenant's second login is a member of the tenant's role.
\ir given.sql
with tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, schema_name text)),
membership as (
  select roleid, member, grantor, to_jsonb(m) -> 'set_option' is not null as has_options,
         coalesce((to_jsonb(m) ->> 'set_option')::boolean, true) as set_option
    from pg_auth_members m)
select r.rolname::text as role, m.rolname::text as member, victim.slug as victim, bool_or(set_option) as "mayBecome",
       array_agg(case when has_options then pg_get_userbyid(grantor)::text
                      when r.rolsuper then :'superuser' else :'admin' end order by grantor) as givers
  from membership
  join pg_roles r on r.oid = roleid
  join pg_roles m on m.oid = member
  left join tenant victim on victim.role = roleid
  left join tenant own on own.role = member
 where (own.slug is not null or victim.slug is not null and not member = any (:'trusted'::oid[]))
   and (own.slug is distinct from victim.slug or own.schema_name <> '')
 group by r.rolname, m.rolname, victim.slug
 order by bool_and(grantor = any (:'trusted'::oid[])), victim.slug, 1, 2;
