-- The tables of a schema in an order in which they can be dropped one after another: partitions and children before what they are of. Each
-- with about how many locks that takes: on itself, its indexes, TOAST table, types, constraints, defaults and whatever else goes with it, among
-- it the views that read it, and those that read them.
\set schema 'schema_acme'
with recursive home as (
  select c.oid, relname from pg_class c
   where relnamespace = (select oid from pg_namespace where nspname = :'schema') and relkind in ('r', 'p') and relpersistence <> 't'
     and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')),
placed as (
  select oid, 0 as depth from home
  union select inhrelid, depth + 1 from placed join pg_inherits on inhparent = oid),
reading (source, reader) as (
  select refobjid, ev_class from pg_depend join pg_rewrite r on r.oid = objid
   where classid = 'pg_rewrite'::regclass and refclassid = 'pg_class'::regclass and ev_class <> refobjid),
view (oid, reader) as (
  select home.oid, reader from home join reading on source = home.oid
  union select view.oid, reading.reader from view join reading on source = view.reader)
select relname::text as name, (
    select 2 * (1 + count(distinct (classid, objid)))::integer from pg_depend
     where refclassid = 'pg_class'::regclass and refobjid = home.oid and deptype in ('a', 'i'))
    + 5 * (select count(*)::integer from view where view.oid = home.oid) as locks
  from home join placed using (oid)
 group by home.oid, relname
 order by max(depth) desc, home.oid desc;
