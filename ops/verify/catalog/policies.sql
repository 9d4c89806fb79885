-- Policies that name a tenant's role and are not on a table of the tenant's own. They open nothing, which takes a right on the table, and
-- PostgreSQL drops no role that a policy names: they hold up the tenant's removal (database/offboarding/role-references.sql). Whoever owns a
-- table may name any role in its policies. Each has a row for each tenant that it names; `stay` is who may stay in it. A temporary table
-- ends with its session.
\ir given.sql
with tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, role_name text, schema oid)),
named as (
  select victim.slug as of, home.slug, coalesce(home.role_name, pg_get_userbyid(relowner)) as who, policy.oid, relowner, relnamespace, polroles,
         home.role as own
    from pg_policy policy
    join pg_class on pg_class.oid = polrelid
    join tenant victim on victim.role = any (polroles)
    left join tenant home on home.schema = relnamespace
   where coalesce(home.role, relowner) <> victim.role and pg_is_other_temp_schema(relnamespace) is not true),
counted as (
  select named.*, (row_number() over (partition by of, who order by oid))::integer as nth,
         (count(*) over (partition by of, who))::integer as total
    from named)
select of, who, nth, total, type, identity, counted.oid::text, pg_get_userbyid(relowner)::text as owner,
       (select string_agg(quote_ident(rolname), ', ' order by rolname) from pg_roles
         where oid = any (polroles) and (oid = own or oid not in (select role from tenant where role is not null))) as stay,
       nspname::text as schema, pg_get_userbyid(nspowner)::text as "schemaOwner", not has_schema_privilege(relowner, relnamespace, 'usage') as shut
  from counted
  join pg_namespace on pg_namespace.oid = relnamespace,
       pg_identify_object('pg_policy'::regclass, counted.oid, 0) i
 where nth <= :'most' and identity is not null
 order by who, of, identity;
