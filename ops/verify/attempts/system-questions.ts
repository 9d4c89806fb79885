import { identified } from "../../../database/object-identity";
import { FIRST_MADE } from "../catalog/first-made";
import { UNTRUSTED } from "../catalog/languages";

/** SQL that asks, as the one who is logged in, what is open of the server and its databases; as `TENANT_QUESTIONS` otherwise. */
export const SYSTEM_QUESTIONS: readonly string[] = [
  // On another database PUBLIC may make temporary objects unless somebody takes that away; nothing of a tenant is there.
  `select 'database', 'database ' || privilege, null::name, format('database %I', datname),
          case privilege when 'create' then 'create schema intruder' else 'create temporary table intruder ()' end,
          pg_get_userbyid(datdba), format('revoke %s on database %I from %I, public', privilege, datname, me)
     from given, pg_database, unnest(array['create', 'temporary']) as privilege
    where has_database_privilege(oid, privilege) and (privilege = 'create' or datname = current_database())`,

  `select 'parameter', 'parameter ' || parname, null, format('parameter %s', parname),
          case privilege when 'set' then format('set %s to default', parname)
               else format('alter system reset %s', parname) end,
          pg_get_userbyid(10), format('revoke %s on parameter %s from %I, public', privilege, parname, me)
     from given, pg_parameter_acl, unnest(array['set', 'alter system']) as privilege
    where has_parameter_privilege(parname, privilege)`,

  `select 'foreign server', 'foreign server', null, format('server %I', srvname),
          format('select has_server_privilege(%L, %L)', srvname, 'usage'),
          pg_get_userbyid(srvowner), format('revoke usage on foreign server %I from %I, public', srvname, me)
     from given, pg_foreign_server where has_server_privilege(oid, 'usage')`,

  `select 'foreign server', 'foreign data wrapper', null, format('foreign data wrapper %I', fdwname),
          format('create server intruder foreign data wrapper %I', fdwname),
          pg_get_userbyid(fdwowner), format('revoke usage on foreign data wrapper %I from %I, public', fdwname, me)
     from given, pg_foreign_data_wrapper where has_foreign_data_wrapper_privilege(oid, 'usage')`,

  `select 'system object', 'tablespace', null, format('tablespace %I', spcname),
          format('select has_tablespace_privilege(%L, %L)', spcname, 'create'),
          pg_get_userbyid(spcowner), format('revoke create on tablespace %I from %I, public', spcname, me)
     from given, pg_tablespace where has_tablespace_privilege(oid, 'create')`,

  `select 'system object', 'language ' || lanname, null, format('language %I', lanname),
          format('select has_language_privilege(%L, %L)', lanname, 'usage'),
          pg_get_userbyid(10), format('update pg_catalog.pg_language set lanpltrusted = false where lanname = %L', lanname)
     from given, pg_language where lanpltrusted and (${UNTRUSTED}) and has_language_privilege(oid, 'usage')`,

  // What the server closes to everybody when it is made, and somebody has opened since.
  `select 'system object', 'function ' || proname, null, format('%s %s', type, identity),
          format('select has_function_privilege(%s, %L)', pg_proc.oid, 'execute'),
          pg_get_userbyid(proowner), format('revoke execute on %s %s from %I, public', type, identity, me)
     from given, pg_init_privs join pg_proc on pg_proc.oid = objoid, ${identified("pg_init_privs.classoid", "pg_init_privs.objoid")}
    where classoid = 'pg_proc'::regclass and pronamespace = 'pg_catalog'::regnamespace
      and not exists (select from aclexplode(initprivs) where grantee = 0)
      and has_function_privilege(pg_proc.oid, 'execute')`,

  `select 'system object', 'table ' || relname, null, format('table %I.%I', nspname, relname),
          case privilege when 'select' then format('select * from %I.%I', nspname, relname)
               else format('select has_table_privilege(%L, %L)', format('%I.%I', nspname, relname), privilege) end,
          pg_get_userbyid(relowner), format('revoke %s on table %I.%I from %I, public', privilege, nspname, relname, me)
     from given, pg_class join pg_namespace n on n.oid = relnamespace,
          -- Most tables give nothing but SELECT: one question rules the rest out.
          unnest(case when has_table_privilege(pg_class.oid, 'insert, update, delete, truncate, references, trigger')
                      then array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']
                      else array['select'] end) as privilege
    where relkind in ('r', 'v') and has_table_privilege(pg_class.oid, privilege)
      and case nspname when 'information_schema' then privilege <> 'select' or pg_class.oid >= ${FIRST_MADE} when 'pg_catalog' then not exists (
            select from pg_init_privs, aclexplode(initprivs)
             where objoid = pg_class.oid and classoid = 'pg_class'::regclass and objsubid = 0
               and grantee = 0 and lower(privilege_type) = privilege) end`,

  // The server shows what others are doing to those alone who may see it.
  `select 'activity', 'activity', null, 'pg_stat_activity', 'select usename, query from pg_stat_activity', admin,
          format('revoke pg_read_all_stats from %I', me)
     from given
    where exists (select from pg_stat_activity where usename <> me and query not in ('', '<insufficient privilege>'))`,
].map((question) => `(${question})`);
