/**
 * Every access list of the database, and those of the whole server. Without one, what PostgreSQL gives by default counts; only of
 * databases does that open anything.
 */
export const OBJECTS = `
  object as (
    select 'n' as kind, 'pg_namespace'::regclass as classid, oid as objid, 0 as objsubid, oid as nsp, nspowner as owner, nspacl as acl
      from pg_namespace where nspacl is not null
    union all select case relkind when 'S' then 's' else 'r' end, 'pg_class'::regclass, oid, 0, relnamespace, relowner, relacl
      from pg_class where relacl is not null
    union all select 'c', 'pg_class'::regclass, attrelid, attnum, relnamespace, relowner, attacl
      from pg_attribute join pg_class on pg_class.oid = attrelid where attacl is not null and not attisdropped
    union all select 'f', 'pg_proc'::regclass, oid, 0, pronamespace, proowner, proacl from pg_proc where proacl is not null
    union all select 'T', 'pg_type'::regclass, oid, 0, typnamespace, typowner, typacl from pg_type where typacl is not null
    -- There may be millions; these are enough to tell, and another look tells of the next.
    union all (select 'L', 'pg_largeobject'::regclass, oid, 0, null, lomowner, lomacl from pg_largeobject_metadata, aclexplode(lomacl)
      where grantee <> lomowner and not exists (select from trusted where trusted.oid = grantee) group by oid order by oid limit 100)
    union all select 'S', 'pg_foreign_server'::regclass, oid, 0, null, srvowner, srvacl from pg_foreign_server where srvacl is not null
    union all select 'F', 'pg_foreign_data_wrapper'::regclass, oid, 0, null, fdwowner, fdwacl
      from pg_foreign_data_wrapper where fdwacl is not null
    union all select 'd', 'pg_database'::regclass, oid, 0, null, datdba, coalesce(datacl, acldefault('d', datdba)) from pg_database
    union all select 't', 'pg_tablespace'::regclass, oid, 0, null, spcowner, spcacl from pg_tablespace where spcacl is not null
    union all select 'l', 'pg_language'::regclass, oid, 0, null, lanowner, lanacl from pg_language where lanacl is not null
    union all select 'p', 'pg_parameter_acl'::regclass, oid, 0, null, 10, paracl from pg_parameter_acl)`;
