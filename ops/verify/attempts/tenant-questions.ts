/** What an extension made is open to everybody, if its script says so; the schema's wall stands before it. */
const NO_EXTENSION =
  "not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')";

/** MAINTAIN came with PostgreSQL 17. */
const TABLE_PRIVILEGES = `'select, insert, update, delete, truncate, references, trigger'
              || case when current_setting('server_version_num')::int >= 170000 then ', maintain' else '' end`;

const KIND = `case relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view'
                            when 'f' then 'foreign table' else 'table' end`;

/**
 * SQL that asks, as the one who is logged in, what is open of other schemas and roles. `given` has `own_schema`, `admin`, `me`
 * and `large_objects`;
 * each gives check, wall, place, object, statement, closer and remedy.
 */
export const TENANT_QUESTIONS: readonly string[] = [
  // A superuser is told as one: that it may do all the rest follows from that.
  `select 'role attribute', attribute, null::name, format('attribute %s of role %I', upper(attribute), me),
          format('select %s from pg_roles where rolname = %L', col, me),
          case attribute when 'superuser' then pg_get_userbyid(10) else admin end, format('alter role %I no%s', me, attribute)
     from given join pg_roles on rolname = me,
          lateral (values ('superuser', 'rolsuper', rolsuper), ('createrole', 'rolcreaterole', rolcreaterole),
                          ('createdb', 'rolcreatedb', rolcreatedb), ('replication', 'rolreplication', rolreplication),
                          ('bypassrls', 'rolbypassrls', rolbypassrls)) as has (attribute, col, held)
    where held`,

  `select 'membership', 'role ' || rolname, rolname, format('role %I', rolname), format('set role %I', rolname), admin,
          format('revoke %I from %I', rolname, me)
     from given, pg_roles
    where rolname <> me and pg_has_role(oid, 'member') and not (select rolsuper from pg_roles where rolname = me)`,

  `select 'schema', 'schema ' || nspname, nspname, format('schema %I', nspname),
          case privilege when 'create' then format('create table %I.intruder ()', nspname)
               else format('select has_schema_privilege(%L, %L)', nspname, privilege) end,
          pg_get_userbyid(nspowner), format('revoke %s on schema %I from %I, public', privilege, nspname, me)
     from given, pg_namespace, unnest(array['usage', 'create']) as privilege
    where nspname <> own_schema and has_schema_privilege(oid, privilege)
      and not (privilege = 'usage' and nspname in ('pg_catalog', 'information_schema'))`,

  // One for each schema: of hundreds of tables the first says enough.
  `with held as materialized (
     select me, c.oid, relname, relkind, relowner, nspname, privileges
       from given, pg_class c join pg_namespace n on n.oid = relnamespace,
            lateral (select case relkind when 'S' then 'usage, select, update' else ${TABLE_PRIVILEGES} end as privileges) as asked
      where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and nspname not in (own_schema, 'pg_catalog', 'information_schema', 'pg_toast')
        and case relkind when 'S' then has_sequence_privilege(c.oid, privileges) else has_table_privilege(c.oid, privileges) end)
   select case relkind when 'S' then 'sequence' else 'relation' end, 'relation ' || nspname, nspname,
          format('%s %s', ${KIND}, relation) || case when others > 0 then format(' and %s more', others) else '' end,
          format('select has_%s_privilege(%L, %L)', keyword, relation, privileges), pg_get_userbyid(relowner),
          format('revoke all on %s %s from %I, public', keyword, relation, me)
     from (select c.*, format('%I.%I', nspname, relname) as relation,
                  case relkind when 'S' then 'sequence' else 'table' end as keyword,
                  row_number() over (partition by nspname order by relname) as nth,
                  count(*) over (partition by nspname) - 1 as others
             from held c where ${NO_EXTENSION}) as reached
    where nth = 1`,

  // Of these too.
  `select 'column', 'relation ' || nspname, nspname,
          format('column %I.%I.%I', nspname, relname, attname) || case when others > 0 then format(' and %s more', others) else '' end,
          format('select has_column_privilege(%L, %L, %L)', format('%I.%I', nspname, relname), attname, privileges),
          pg_get_userbyid(relowner),
          format('revoke all (%I) on table %I.%I from %I, public', attname, nspname, relname, me)
     from (select me, nspname, relname, relowner, attname, privileges,
                  row_number() over (partition by nspname order by relname, attnum) as nth,
                  count(*) over (partition by nspname) - 1 as others
             from given, pg_attribute join pg_class on pg_class.oid = attrelid join pg_namespace n on n.oid = relnamespace,
                  (values ('select, insert, update, references')) as asked (privileges)
            where attacl is not null and nspname not in (own_schema, 'pg_catalog', 'information_schema')
              and has_column_privilege(attrelid, attnum, privileges) and not has_table_privilege(attrelid, privileges)) as reached
    where nth = 1`,

  // The catalogs list every name to everybody; this view those alone that one has a right to.
  `with listed as materialized (
     select table_schema, table_name from given, information_schema.tables
      where table_schema not in (own_schema, 'pg_catalog', 'information_schema'))
   select 'relation', 'relation ' || table_schema, table_schema::name,
          format('listing of %I in information_schema', table_schema),
          format('select table_name from information_schema.tables where table_schema = %L', table_schema),
          table_schema::name, null
     from (select distinct table_schema
             from listed join pg_class c on relname = table_name and relnamespace = to_regnamespace(quote_ident(table_schema))
            where ${NO_EXTENSION}) as reached`,

  // lo_open asks these same privileges, unless lo_compat_privileges is on: that is tried.
  `select distinct 'large object', 'large object ' || lo.oid, pg_get_userbyid(lomowner), format('large object %s', lo.oid),
          format('select lo_get(%s)', lo.oid), pg_get_userbyid(lomowner),
          format('revoke all on large object %s from %I, public', lo.oid, me)
     from given, pg_largeobject_metadata lo left join lateral aclexplode(lomacl) on true
    where lo.oid = any (large_objects) and pg_get_userbyid(lomowner) <> me
      and (pg_has_role(lomowner, 'usage') or case grantee when 0 then true else pg_has_role(grantee, 'usage') end)`,
].map((question) => `(${question})`);
