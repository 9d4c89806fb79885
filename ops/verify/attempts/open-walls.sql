-- What the session's role may do outside its own schema. Run it as a tenant. Only the server's privilege functions are asked, so no other
-- role's code runs, whatever is open. `wall` names what is down, `place` the schema or the role that it is about (null for the server), and
-- the role `closer` has to run `remedy`. `extended` are schemas with an extension's objects and no others, which tenants may use.
-- `column_lists` are the relations of which a column has an access list.
\set own_schema 'schema_acme'
\set admin 'postgres'
\set large_objects '{}'
\set extended '{}'
\set column_lists '{}'
\set untrusted_languages '^(internal|c|plsh|plr|pl.*u)$'
with given as (
  select :'own_schema'::name as own_schema, :'admin'::name as admin, rolname as me, oid as my_oid,
         not exists (select from pg_roles other where other.oid <> mine.oid and pg_has_role(other.oid, 'member')) as alone
    from pg_roles mine where rolname = session_user),
-- What an extension brought along is as open as its script makes it; the schema's wall stands before it.
extended as (
  select objid from pg_depend where classid = 'pg_class'::regclass and deptype = 'e'),
-- Relations of others that the role has any privilege on. A role that is a member of no other, and no superuser, has none unless it owns
-- the relation, or an access list names it or everybody; to ask of each of thousands takes a new session long. MAINTAIN came with
-- PostgreSQL 17.
relation as materialized (
  select me, c.oid, relname, relkind, relowner, nspname, privileges
    from given, pg_class c join pg_namespace n on n.oid = relnamespace,
         lateral (select case relkind when 'S' then 'usage, select, update'
                    else 'select, insert, update, delete, truncate, references, trigger'
                         || case when current_setting('server_version_num')::int >= 170000 then ', maintain' else '' end
                    end as privileges) as asked
   where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
     and nspname not in (own_schema, 'pg_catalog', 'information_schema', 'pg_toast')
     and case when alone and relowner <> my_oid
                   and (relacl is null or not exists (select from aclexplode(relacl) where grantee in (0, my_oid))) then false
              when relkind = 'S' then has_sequence_privilege(c.oid, privileges) else has_table_privilege(c.oid, privileges) end),
-- Tables and views that came with the server, or were put beside those.
system as materialized (
  select c.oid, relname, relkind, relowner, nspname
    from pg_class c join pg_namespace n on n.oid = relnamespace
   where relkind in ('r', 'v') and nspname in ('pg_catalog', 'information_schema')),
open ("check", wall, place, object, statement, closer, remedy) as (
  -- A superuser is reported as one; all the rest follows from that.
  select 'role attribute', attribute, null::name, format('attribute %s of role %I', upper(attribute), me),
         format('select %s from pg_roles where rolname = %L', col, me),
         case attribute when 'superuser' then pg_get_userbyid(10) else admin end, format('alter role %I no%s', me, attribute)
    from given join pg_roles on rolname = me,
         lateral (values ('superuser', 'rolsuper', rolsuper), ('createrole', 'rolcreaterole', rolcreaterole),
                         ('createdb', 'rolcreatedb', rolcreatedb), ('replication', 'rolreplication', rolreplication),
                         ('bypassrls', 'rolbypassrls', rolbypassrls)) as has (attribute, col, held)
   where held
  union all
  select 'membership', 'role ' || rolname, rolname, format('role %I', rolname), format('set role %I', rolname), admin,
         format('revoke %I from %I', rolname, me)
    from given, pg_roles
   where rolname <> me and pg_has_role(oid, 'member') and not (select rolsuper from pg_roles where rolname = me)
  union all
  select 'schema', 'schema ' || nspname, nspname, format('schema %I', nspname),
         case privilege when 'create' then format('create table %I.intruder ()', nspname)
              else format('select has_schema_privilege(%L, %L)', nspname, privilege) end,
         pg_get_userbyid(nspowner), format('revoke %s on schema %I from %I, public', privilege, nspname, me)
    from given, pg_namespace, unnest(array['usage', 'create']) as privilege
   where nspname <> own_schema and has_schema_privilege(oid, privilege)
     and not (privilege = 'usage' and (nspname in ('pg_catalog', 'information_schema') or oid = any (:'extended'::regnamespace[])))
  union all
  -- One row for each schema: the first of hundreds of tables says enough.
  select case relkind when 'S' then 'sequence' else 'relation' end, 'relation ' || nspname, nspname,
         format('%s %s', case relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view'
                                      when 'f' then 'foreign table' else 'table' end, relation)
           || case when others > 0 then format(' and %s more', others) else '' end,
         format('select has_%s_privilege(%L, %L)', keyword, relation, privileges), pg_get_userbyid(relowner),
         format('revoke all on %s %s from %I, public', keyword, relation, me)
    from (select c.*, format('%I.%I', nspname, relname) as relation,
                 case relkind when 'S' then 'sequence' else 'table' end as keyword,
                 row_number() over (partition by nspname order by relname) as nth,
                 count(*) over (partition by nspname) - 1 as others
            from relation c where not exists (select from extended where objid = c.oid)) as reached
   where nth = 1
  union all
  -- One row for each schema here too.
  select 'column', 'relation ' || nspname, nspname,
         format('column %I.%I.%I', nspname, relname, attname) || case when others > 0 then format(' and %s more', others) else '' end,
         format('select has_column_privilege(%L, %L, %L)', format('%I.%I', nspname, relname), attname, privileges),
         pg_get_userbyid(relowner),
         format('revoke all (%I) on table %I.%I from %I, public', attname, nspname, relname, me)
    from (select me, nspname, relname, relowner, attname, privileges,
                 row_number() over (partition by nspname order by relname, attnum) as nth,
                 count(*) over (partition by nspname) - 1 as others
            from given, unnest(:'column_lists'::oid[]) as listed (relid)
            join pg_attribute on attrelid = relid join pg_class on pg_class.oid = relid join pg_namespace n on n.oid = relnamespace,
                 (values ('select, insert, update, references')) as asked (privileges)
           where attacl is not null and nspname not in (own_schema, 'pg_catalog', 'information_schema')
             and has_column_privilege(attrelid, attnum, privileges) and not has_table_privilege(attrelid, privileges)) as reached
   where nth = 1
  union all
  -- lo_open asks these same privileges, unless lo_compat_privileges is on: that is tried.
  select distinct 'large object', 'large object ' || lo.oid, pg_get_userbyid(lomowner), format('large object %s', lo.oid),
         format('select lo_get(%s)', lo.oid), pg_get_userbyid(lomowner),
         format('revoke all on large object %s from %I, public', lo.oid, me)
    from given, pg_largeobject_metadata lo left join lateral aclexplode(lomacl) on true
   where lo.oid = any (:'large_objects'::oid[]) and pg_get_userbyid(lomowner) <> me
     and (pg_has_role(lomowner, 'usage') or case grantee when 0 then true else pg_has_role(grantee, 'usage') end)
  union all
  -- In other databases PUBLIC may make temporary objects by default; nothing of a tenant's is there.
  select 'database', 'database ' || privilege, null, format('database %I', datname),
         case privilege when 'create' then 'create schema intruder' else 'create temporary table intruder ()' end,
         pg_get_userbyid(datdba), format('revoke %s on database %I from %I, public', privilege, datname, me)
    from given, pg_database, unnest(array['create', 'temporary']) as privilege
   where has_database_privilege(oid, privilege) and (privilege = 'create' or datname = current_database())
  union all
  select 'parameter', 'parameter ' || parname, null, format('parameter %s', parname), -- since PostgreSQL 15
         case privilege when 'set' then format('set %s to default', parname) else format('alter system reset %s', parname) end, -- since PostgreSQL 15
         pg_get_userbyid(10), format('revoke %s on parameter %s from %I, public', privilege, parname, me) -- since PostgreSQL 15
    from given, pg_parameter_acl, unnest(array['set', 'alter system']) as privilege -- since PostgreSQL 15
   where has_parameter_privilege(parname, privilege) -- since PostgreSQL 15
  union all -- since PostgreSQL 15
  select 'foreign server', 'foreign server', null, format('server %I', srvname),
         format('select has_server_privilege(%L, %L)', srvname, 'usage'),
         pg_get_userbyid(srvowner), format('revoke usage on foreign server %I from %I, public', srvname, me)
    from given, pg_foreign_server where has_server_privilege(oid, 'usage')
  union all
  select 'foreign server', 'foreign data wrapper', null, format('foreign data wrapper %I', fdwname),
         format('create server intruder foreign data wrapper %I', fdwname),
         pg_get_userbyid(fdwowner), format('revoke usage on foreign data wrapper %I from %I, public', fdwname, me)
    from given, pg_foreign_data_wrapper where has_foreign_data_wrapper_privilege(oid, 'usage')
  union all
  select 'system object', 'tablespace', null, format('tablespace %I', spcname),
         format('select has_tablespace_privilege(%L, %L)', spcname, 'create'),
         pg_get_userbyid(spcowner), format('revoke create on tablespace %I from %I, public', spcname, me)
    from given, pg_tablespace where has_tablespace_privilege(oid, 'create')
  union all
  select 'system object', 'language ' || lanname, null, format('language %I', lanname),
         format('select has_language_privilege(%L, %L)', lanname, 'usage'),
         pg_get_userbyid(10), format('update pg_catalog.pg_language set lanpltrusted = false where lanname = %L', lanname)
    from given, pg_language
   where lanpltrusted and lanname ~ :'untrusted_languages' and has_language_privilege(oid, 'usage')
  union all
  -- What initdb closes to everybody, and somebody has opened since. `in` before each argument: without it, PostgreSQL
  -- also looks for a procedure whose OUT arguments are of these types.
  select 'system object', 'function ' || proname, null, format('%s %s', type, routine),
         format('select has_function_privilege(%s, %L)', pg_proc.oid, 'execute'),
         pg_get_userbyid(proowner), format('revoke execute on %s %s from %I, public', type, routine, me)
    from given, pg_init_privs join pg_proc on pg_proc.oid = objoid, pg_identify_object(classoid, objoid, 0) i,
         lateral (select format('pg_catalog.%I(%s)', proname, string_agg('in ' || format_type(each, null), ', ' order by position)) as routine
                    from unnest(proargtypes) with ordinality as argument (each, position)) as called
   where classoid = 'pg_proc'::regclass and pronamespace = 'pg_catalog'::regnamespace
     and not exists (select from aclexplode(initprivs) where grantee = 0)
     and has_function_privilege(pg_proc.oid, 'execute')
  union all
  select 'system object', 'table ' || relname, null,
         format('%s %I.%I', case relkind when 'v' then 'view' else 'table' end, nspname, relname),
         case privilege when 'select' then format('select * from %I.%I', nspname, relname)
              else format('select has_table_privilege(%L, %L)', format('%I.%I', nspname, relname), privilege) end,
         pg_get_userbyid(relowner), format('revoke %s on table %I.%I from %I, public', privilege, nspname, relname, me)
    from given, system,
         -- Most tables give nothing but SELECT: one call rules the rest out.
         unnest(case when has_table_privilege(system.oid, 'insert, update, delete, truncate, references, trigger')
                     then array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']
                     else array['select'] end) as privilege
   where has_table_privilege(system.oid, privilege)
     -- FirstNormalObjectId: what has a smaller oid came with the server.
     and case nspname when 'information_schema' then privilege <> 'select' or system.oid >= 16384
                      when 'pg_catalog' then not exists (
           select from pg_init_privs, aclexplode(initprivs)
            where objoid = system.oid and classoid = 'pg_class'::regclass and objsubid = 0
              and grantee = 0 and lower(privilege_type) = privilege) end)
select "check", wall, place::text, object, statement, closer::text, remedy
  from open order by "check" = 'schema' desc, "check", place, object;
