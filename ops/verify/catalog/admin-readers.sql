-- What roles with rights of their own have made outside of the tenants' schemas that reads or writes a tenant's table: views, materialized
-- views, rules and routines with a body of SQL. Whoever uses them runs that table's policies, triggers and index functions, which are the
-- tenant's code, with the rights of the owner or its own.
\ir given.sql
with tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, schema oid) where schema is not null),
kept as (
  select c.oid, slug from pg_class c join tenant on relnamespace = schema where relkind in ('r', 'p', 'f')),
using_it as (
  select slug, case when rulename = '_RETURN' then 'pg_class'::regclass else 'pg_rewrite'::regclass end as classid,
         case when rulename = '_RETURN' then ev_class else r.oid end as objid, relowner as owner
    from kept join pg_depend d on refclassid = 'pg_class'::regclass and refobjid = kept.oid and d.classid = 'pg_rewrite'::regclass
    join pg_rewrite r on r.oid = d.objid
    join pg_class c on c.oid = ev_class
   where c.relnamespace not in (select schema from tenant)
  union
  select slug, 'pg_proc'::regclass, p.oid, proowner
    from kept join pg_depend d on refclassid = 'pg_class'::regclass and refobjid = kept.oid and d.classid = 'pg_proc'::regclass
    join pg_proc p on p.oid = d.objid
   where pronamespace not in (select schema from tenant))
select i.type, i.identity, pg_get_userbyid(owner)::text as owner, string_agg(slug, ', ' order by slug) as tenants
  from using_it, pg_identify_object(classid, objid, 0) i
 where owner = any (:'trusted'::oid[])
 group by i.type, i.identity, owner
 order by 1, 2;
