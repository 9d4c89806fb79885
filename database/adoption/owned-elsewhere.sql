-- What the role owns outside of its schema, in this database or of the whole server. Temporary objects are left out.
\set schema 'schema_acme'
\set role 'user_acme'
select i.type, i.identity, s.objid::text as oid, i.schema is not null as "inSchema"
  from pg_shdepend s, pg_identify_object(s.classid, s.objid, 0) i
 where s.refclassid = 'pg_authid'::regclass and s.refobjid = :'role'::regrole and s.deptype = 'o'
   and s.dbid in (0, (select oid from pg_database where datname = current_database()))
   and s.classid <> 'pg_default_acl'::regclass
   and not (s.classid = 'pg_namespace'::regclass and s.objid = :'schema'::regnamespace)
   and i.schema is distinct from (select nspname from pg_namespace where oid = :'schema'::regnamespace)
   and coalesce(i.schema !~ '^pg_(toast_)?temp_', true)
   -- What an extension brought along belongs to the extension, and a column's sequence to its table.
   and not exists (
     select from pg_depend other
      where other.classid = s.classid and other.objid = s.objid
        and (other.deptype = 'e'
             or other.refobjsubid > 0 and other.deptype in ('a', 'i') and other.refclassid = 'pg_class'::regclass
                and exists (select from pg_class where oid = other.objid and relkind = 'S')))
 order by 1, 2;
