-- Rights that will be given in what is still to be made. Left out are what a maker keeps for itself, what a tenant gets in its own
-- schema, and what PUBLIC has of routines and types anyway.
\ir given.sql
with tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, schema oid))
select d.oid::text, pg_get_userbyid(defaclrole)::text as maker, nspname::text as schema, defaclobjtype::text as kind,
       case grantee when 0 then null else pg_get_userbyid(grantee)::text end as grantee,
       coalesce(home.slug, maker.slug) as victim, array_agg(distinct privilege_type order by privilege_type) as privileges
  from pg_default_acl d
  left join pg_namespace n on n.oid = defaclnamespace
  left join tenant home on home.schema = defaclnamespace
  left join tenant maker on maker.role = defaclrole
 cross join lateral aclexplode(defaclacl) as a
  left join tenant who on who.role = grantee
 where grantee <> defaclrole and not grantee = any (:'trusted'::oid[])
   and (grantee = 0 or coalesce(who.slug, maker.slug, home.slug) is not null
        -- What the admin makes anywhere it may make in a tenant's schema.
        or defaclnamespace = 0 and pg_get_userbyid(defaclrole) = :'admin')
   and home.slug is distinct from coalesce(who.slug, '')
   and not (grantee = 0 and (defaclobjtype, privilege_type) in (('f', 'EXECUTE'), ('T', 'USAGE')))
 group by d.oid, defaclrole, nspname, defaclobjtype, grantee, home.slug, maker.slug
 order by victim nulls first, maker, schema nulls first, kind, grantee nulls first;
