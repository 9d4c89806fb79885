-- Privileges of the role on what is neither its schema nor in it. Those on this database are left to the program's own Grant.
\set schema 'schema_acme'
\set role 'user_acme'
select distinct i.type, i.identity, attname as "column", relkind = 'S' as sequence, s.objid::text as oid,
       pg_get_userbyid(o.refobjid)::text as owner
  from pg_shdepend s
  left join pg_shdepend o on o.dbid = s.dbid and o.classid = s.classid and o.objid = s.objid and o.deptype = 'o'
  left join pg_class c on s.classid = 'pg_class'::regclass and c.oid = s.objid
  left join pg_attribute a on a.attrelid = c.oid and a.attnum = s.objsubid and s.objsubid > 0,
       pg_identify_object(s.classid, s.objid, 0) i
 where s.refclassid = 'pg_authid'::regclass and s.refobjid = :'role'::regrole and s.deptype = 'a'
   and s.dbid in (0, (select oid from pg_database where datname = current_database()))
   and s.classid <> 'pg_default_acl'::regclass
   and not (s.classid = 'pg_namespace'::regclass and s.objid = :'schema'::regnamespace)
   and not (s.classid = 'pg_database'::regclass and i.name = current_database())
   and i.schema is distinct from (select nspname from pg_namespace where oid = :'schema'::regnamespace)
 order by 1, 2, 3 nulls first;
