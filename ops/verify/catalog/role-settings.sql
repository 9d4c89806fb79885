-- What is set for each tenant's logins, `here` in this database and `everywhere` in all, and their connection limits.
\ir given.sql
with setting as (
  select setrole, setdatabase <> 0 as here, jsonb_object_agg(lower(split_part(each, '=', 1)), substr(each, strpos(each, '=') + 1)) as by_name
    from pg_db_role_setting, unnest(setconfig) as each
   where setdatabase in (0, (select oid from pg_database where datname = current_database()))
   group by 1, 2)
select slug, role_name as role, max(case when schema is not null then schema_name end) over (partition by slug) as schema, rolconnlimit as "connectionLimit",
       case when rolsuper then pg_get_userbyid(10)::text else :'admin' end as keeper,
       coalesce(h.by_name, '{}') as here, coalesce(e.by_name, '{}') as everywhere
  from json_to_recordset(:'tenants') as tenant (slug text, role oid, role_name text, schema oid, schema_name text)
  join pg_roles on pg_roles.oid = role
  left join setting h on h.setrole = role and h.here
  left join setting e on e.setrole = role and not e.here
 order by slug, role_name;
