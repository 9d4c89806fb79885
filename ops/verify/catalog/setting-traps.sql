-- Settings of the admin, a superuser, this database or everybody that name a tenant. Every part of a search path counts, quoted or not: the
-- name of a tenant's schema is in lower case.
\ir given.sql
with setting as (
  select setrole, setdatabase, lower(split_part(each, '=', 1)) as name, substr(each, strpos(each, '=') + 1) as value
    from pg_db_role_setting, unnest(setconfig) as each
   where (setrole = 0 or setrole = any (:'trusted'::oid[]))
     and setdatabase in (0, (select oid from pg_database where datname = current_database())))
select role_name as tenant, schema_name as schema, setting.name, rolname::text as role, datname::text as database,
       setrole::text as "setRole", setdatabase::text as "setDatabase",
       case when rolname is not null and not rolsuper then :'admin'
            when rolname is null and setdatabase <> 0 then pg_get_userbyid(datdba)::text
            else pg_get_userbyid(10)::text end as keeper
  from setting
  join json_to_recordset(:'tenants') as tenant (role_name text, schema oid, schema_name text)
    on case setting.name
         when 'search_path' then tenant.schema is not null
          and schema_name in (select lower(btrim(part, ' "')) from regexp_split_to_table(value, ',') as part)
         when 'role' then btrim(value, ' "') = role_name
         when 'session_authorization' then btrim(value, ' "') = role_name end
  left join pg_roles on pg_roles.oid = setrole
  left join pg_database on pg_database.oid = setdatabase
 order by role nulls first, database nulls first, setting.name, 1;
