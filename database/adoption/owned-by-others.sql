-- What is in a schema and belongs to another than the role. What the server's first superuser owns has no entry in pg_shdepend.
\set schema 'schema_acme'
\set role 'user_acme'
select i.type, i.identity, d.objid::text as oid, pg_get_userbyid(coalesce(o.refobjid, 10))::text as owner
  from pg_depend d
  left join pg_shdepend o
    on o.dbid = (select oid from pg_database where datname = current_database())
   and o.classid = d.classid and o.objid = d.objid and o.deptype = 'o',
       pg_identify_object(d.classid, d.objid, 0) i
 where d.refclassid = 'pg_namespace'::regclass and d.refobjid = :'schema'::regnamespace and d.deptype = 'n'
   and coalesce(o.refobjid, 10) <> :'role'::regrole
   -- What an extension brought along belongs to the extension, and a column's sequence to its table.
   and not exists (
     select from pg_depend other
      where other.classid = d.classid and other.objid = d.objid
        and (other.deptype = 'e'
             or other.refobjsubid > 0 and other.deptype in ('a', 'i') and other.refclassid = 'pg_class'::regclass
                and exists (select from pg_class where oid = other.objid and relkind = 'S')))
 order by 1, 2;
