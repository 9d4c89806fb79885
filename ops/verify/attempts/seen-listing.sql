-- Schemas of which information_schema lists something to the session's role. Run it as a tenant. The catalogs list every name to everybody;
-- this view lists only what the role has a right to.
\set own_schema 'schema_acme'
-- What an extension brought along is as open as its script makes it; the schema's wall stands before it.
with extended as (
  select objid from pg_depend where classid = 'pg_class'::regclass and deptype = 'e'),
listed as materialized (
  select table_schema, table_name from information_schema.tables
   where table_schema not in (:'own_schema', 'pg_catalog', 'information_schema'))
select 'relation' as "check", 'relation ' || table_schema as wall, table_schema::text as place,
       format('listing of %I in information_schema', table_schema) as object,
       format('select table_name from information_schema.tables where table_schema = %L', table_schema) as statement,
       table_schema::text as closer, null as remedy
  from (select distinct table_schema
          from listed join pg_class c on relname = table_name and relnamespace = to_regnamespace(quote_ident(table_schema))
         where not exists (select from extended where objid = c.oid)) as reached
 order by place;
