-- Publications of third roles that take whole schemas of tenants, or everything: what is written there goes to whoever subscribes. One of a
-- single table is in dependencies.sql, one that a tenant owns in owned-outside.sql. PostgreSQL 14 has none of schemas, nor a catalog of them.
\ir given.sql
with tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, schema oid, schema_name text)),
third as (
  select oid, pubname::text as publication, pg_get_userbyid(pubowner)::text as owner,
         puballtables or coalesce((to_jsonb(pg_publication) ->> 'puballsequences')::bool, false) as everything
    from pg_publication
   where not pubowner = any (:'trusted'::oid[]) and not exists (select from tenant where tenant.role = pubowner))
select publication, owner, oid::text, null as slug, null as schema from third where everything
union all
select publication, owner, third.oid::text, slug, schema_name
  from third
  join pg_depend p on p.refclassid = 'pg_publication'::regclass and p.refobjid = third.oid
  join pg_depend n on n.classid = p.classid and n.objid = p.objid and n.refclassid = 'pg_namespace'::regclass
  join tenant on tenant.schema = n.refobjid
 where p.classid = to_regclass('pg_catalog.pg_publication_namespace')
 order by 1, 4 nulls first;
