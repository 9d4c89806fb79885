-- Default privileges: rights on objects that are still to be made. Left out are those that a maker gives itself, those of a tenant in its
-- own schema, and those on routines and types that PUBLIC has by PostgreSQL's default.
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
        -- Those of the admin and superusers for any schema hold in a tenant's schema too.
        or defaclnamespace = 0 and defaclrole = any (:'trusted'::oid[]))
   and home.slug is distinct from coalesce(who.slug, '')
   and not (grantee = 0 and (defaclobjtype, privilege_type) in (('f', 'EXECUTE'), ('T', 'USAGE')))
 group by d.oid, defaclrole, nspname, defaclobjtype, grantee, home.slug, maker.slug
 order by victim nulls first, maker, schema nulls first, kind, grantee nulls first;
