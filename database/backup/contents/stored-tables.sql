-- The tables of a schema that hold rows of their own, with the columns that count and the topmost table above that is partitioned by hash.
\set schema 'schema_acme'
select relname::text as name, array(
  select attname::text from pg_attribute
   where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = ''
   order by attname) as columns, (
  select above.relname::text from pg_partition_ancestors(c.oid) with ordinality as ancestor (oid, level)
    join pg_partitioned_table on partrelid = ancestor.oid and partstrat = 'h' join pg_class above on above.oid = ancestor.oid
   order by level desc limit 1) as "hashPartitionOf"
  from pg_class c
 where relnamespace = (select oid from pg_namespace where nspname = :'schema') and relkind = 'r' and relpersistence <> 't'
   -- A table that an extension made is the extension's to fill.
   and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
 order by relname;
