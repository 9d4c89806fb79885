-- A tenant's schema, or an object in it, that belongs to another tenant or a third role. What the admin or the server's superuser owns there
-- lets nobody in, as long as it runs no code.
\ir given.sql
with tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, role_name text, schema oid, schema_owner oid)),
inside as (
  select slug, role, role_name, 'pg_namespace'::regclass::oid as classid, schema as objid, schema_owner as owner from tenant
  union all
  select slug, role, role_name, d.classid, d.objid, o.refobjid
    from tenant
    join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = schema and d.deptype = 'n'
    join pg_shdepend o
      on o.dbid = (select oid from pg_database where datname = current_database())
     and o.classid = d.classid and o.objid = d.objid and o.deptype = 'o'
   -- What an extension brought along belongs to the extension, and a column's sequence to its table.
   where not exists (
     select from pg_depend other
      where other.classid = d.classid and other.objid = d.objid
        and (other.deptype = 'e'
             or other.refobjsubid > 0 and other.deptype in ('a', 'i') and other.refclassid = 'pg_class'::regclass
                and exists (select from pg_class where oid = other.objid and relkind = 'S')))),
others as (
  select inside.*, (count(*) over (partition by slug, owner))::integer as total,
         (row_number() over (partition by slug, owner order by classid <> 'pg_namespace'::regclass, classid, objid))::integer as nth
    from inside where owner is distinct from role and not owner = any (:'trusted'::oid[]))
select slug, nth, total, case when role is not null then role_name end as tenant, type, identity, classid::text, objid::text as oid,
       pg_get_userbyid(owner)::text as owner
  from others, pg_identify_object(classid, objid, 0) i
 where nth <= :'most' and identity is not null
 order by slug, classid <> 'pg_namespace'::regclass, type, identity;
