-- Objects in a schema that are members of an extension. DROP SCHEMA takes such an extension along, wherever it lives and whoever uses it;
-- and no backup holds the rows of an extension's table.
\set schema 'schema_acme'
\set logins '{user_acme}'
with inside as (
  select 'pg_class'::regclass as classid, oid from pg_class where relnamespace = to_regnamespace(:'schema')
  union all select 'pg_type'::regclass, oid from pg_type where typnamespace = to_regnamespace(:'schema')
  union all select 'pg_proc'::regclass, oid from pg_proc where pronamespace = to_regnamespace(:'schema')
  union select classid, objid from pg_depend
         where refclassid = 'pg_namespace'::regclass and refobjid = to_regnamespace(:'schema')),
member as (
  select inside.*, e.extname, e.extconfig, e.extnamespace is distinct from to_regnamespace(:'schema') as elsewhere
    from inside
    join pg_depend d on d.classid = inside.classid and d.objid = inside.oid and d.objsubid = 0 and d.deptype = 'e'
    join pg_extension e on d.refclassid = 'pg_extension'::regclass and e.oid = d.refobjid)
select pg_describe_object(member.classid, member.oid, 0) as description, extname as extension, elsewhere
  from member
  left join pg_class c on member.classid = 'pg_class'::regclass and c.oid = member.oid and c.relkind = 'r'
 where elsewhere
    -- Of an extension of the schema's own: rows of a table that was given to it, or that it has for its users' rows.
    or (pg_relation_size(c.oid) > 0 and (c.oid = any (extconfig) or pg_get_userbyid(c.relowner) = any (:'logins'::name[])))
 order by 1;
