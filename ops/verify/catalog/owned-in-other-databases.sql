-- How much tenants own, or have rights on, in other databases. Only a session there can tell what.
\ir given.sql
select role_name as tenant, quote_ident(datname) as database, count(*)::integer as number
  from json_to_recordset(:'tenants') as tenant (role oid, role_name text)
  join pg_shdepend s on s.refclassid = 'pg_authid'::regclass and s.refobjid = role
  join pg_database d on d.oid = s.dbid
 where datname <> current_database()
 group by 1, 2 order by 1, 2;
