-- Objects outside a schema that use what is in it, and would be dropped along with it. Each with its owner, or else the owner of the
-- table that it belongs to; null for the server's first superuser, of whom the server keeps no record.
\set schema 'schema_acme'
with inside as (
  select 'pg_class'::regclass as classid, oid from pg_class where relnamespace = to_regnamespace(:'schema')
  union all select 'pg_type'::regclass, oid from pg_type where typnamespace = to_regnamespace(:'schema')
  union all select 'pg_proc'::regclass, oid from pg_proc where pronamespace = to_regnamespace(:'schema')
  union select classid, objid from pg_depend
         where refclassid = 'pg_namespace'::regclass and refobjid = to_regnamespace(:'schema')),
-- Joined before any is named: before PostgreSQL 15 the catalog has rows for pinned objects, which have no name.
using_it as materialized (
  select distinct d.classid, d.objid, d.objsubid
    from pg_depend d join inside on d.refclassid = inside.classid and d.refobjid = inside.oid
   where d.deptype <> 'i'
     -- Members of operator families go with these, and a publication only loses a table.
     and d.classid not in ('pg_amop'::regclass, 'pg_amproc'::regclass, 'pg_publication_rel'::regclass)),
dependent as (
  select * from using_it
   -- What belongs to a table (a trigger, a rule, a default) has no schema of its own, and its address begins with the table's.
   where coalesce((pg_identify_object(classid, objid, 0)).schema,
           (pg_identify_object_as_address(classid, objid, 0)).object_names[1]) is distinct from :'schema'),
placed as (
  select dependent.*, coalesce(tgrelid, ev_class, polrelid, nullif(conrelid, 0), adrelid) as "table"
    from dependent
    left join pg_trigger t on classid = 'pg_trigger'::regclass and objid = t.oid
    left join pg_rewrite r on classid = 'pg_rewrite'::regclass and objid = r.oid
    left join pg_policy p on classid = 'pg_policy'::regclass and objid = p.oid
    left join pg_constraint c on classid = 'pg_constraint'::regclass and objid = c.oid
    left join pg_attrdef a on classid = 'pg_attrdef'::regclass and objid = a.oid)
select pg_describe_object(placed.classid, placed.objid, placed.objsubid) as description, i.type, i.identity,
       placed.objid::text as oid, pg_get_userbyid(o.refobjid)::text as owner,
       exists (select from pg_depend e
                where e.classid = placed.classid and e.objid = placed.objid and e.deptype = 'e') as "ofExtension"
  from placed
  left join pg_shdepend o
    on o.dbid = (select oid from pg_database where datname = current_database()) and o.deptype = 'o'
   and o.classid = case when "table" is null then placed.classid else 'pg_class'::regclass end
   and o.objid = coalesce("table", placed.objid),
       pg_identify_object(placed.classid, placed.objid, 0) i
 order by 1;
