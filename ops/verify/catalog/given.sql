-- What the other queries of this folder are given, each of which runs this one first when psql runs it.
--   tenants     what there is of each tenant, by name and by oid, as JSON; null for what there is not
--   trusted     roles that no wall is to keep out: superusers, the admin, whoever owns the database, and those of RDS's own roles that
--               reach everything anyway (anybody may be a member of rds_iam and the like)
--   rds_own     these roles of RDS's
--   first_made  FirstNormalObjectId of PostgreSQL: what has a smaller oid came with the server, whatever schema it is in
--   most        objects of one kind that are looked at for one role; the rest are counted: whoever makes thousands of them must not
--               keep the reading from its end
--   superuser   the name of the server's first one
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
       16384 as first_made, 1000 as most, pg_get_userbyid(10)::text as superuser
\gset
