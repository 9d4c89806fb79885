-- What the other queries of this folder are given. psql runs it first, by the `\ir` in their heads: change the values below, and all of
-- them are about your tenants.
--   tenants     name and oid of each tenant's role and schema, as JSON; the oid is null where there is none. A tenant that has a second
--               login is there twice: with its role and schema, and with that login and no schema
--   trusted     roles that no wall has to stop: superusers, the admin, the owner of the database, and RDS's own roles that reach
--               everything anyway (not rds_iam and the like, of which anybody may be a member)
--   rds_own     those roles of RDS's
--   first_made  PostgreSQL's FirstNormalObjectId: an object with a smaller oid came with the server, whatever schema it is in
--   most        how many objects of one kind are read for one role; the rest are counted, so that a role with thousands of them cannot
--               keep the reading from its end
--   superuser   name of the server's first superuser
--   extended    schemas with an extension's objects and no others
\set slugs '{acme,beta}'
\set schemas '{schema_acme,schema_beta}'
\set roles '{user_acme,user_beta}'
\set admin 'postgres'
with tenant as (
  select t.slug, t.role as role_name, r.oid as role, t.schema as schema_name, n.oid as schema, n.nspowner as schema_owner
    from unnest(:'slugs'::text[], :'schemas'::text[], :'roles'::text[]) as t (slug, schema, role)
    left join pg_namespace n on n.nspname = t.schema
    left join pg_roles r on r.rolname = t.role),
rds as (
  select oid from pg_roles where rolname ~ '^rds(_superuser|admin|repladmin|topmgr|writeforwarduser)$')
select (select coalesce(json_agg(tenant), '[]') from tenant)::text as tenants,
       array(select oid from pg_roles
              where (rolsuper or rolname in (:'admin', 'pg_database_owner') or oid in (select oid from rds))
                and not exists (select from tenant where tenant.role = pg_roles.oid))::text as trusted,
       array(select oid from rds)::text as rds_own,
       16384 as first_made, 1000 as most, pg_get_userbyid(10)::text as superuser,
       array(select d.refobjid::regnamespace
               from pg_depend d left join pg_depend e on e.classid = d.classid and e.objid = d.objid and e.deptype = 'e'
              where d.refclassid = 'pg_namespace'::regclass and d.deptype = 'n' and d.classid <> 'pg_extension'::regclass
              group by d.refobjid having bool_and(e.objid is not null))::text as extended
\gset
