-- What schemas take of the database, from the server's statistics, without reading a table.
-- Measuring a table takes a lock that an exclusive lock keeps waiting, as does one that is only waited for. So what is locked like that
-- is not touched, be it table, index or TOAST. The sizes are those of pg_total_relation_size, part by part.
\set schemas '{schema_acme}'
\set biggest 10
with locked as materialized (
  select distinct relation from pg_locks
   where locktype = 'relation' and mode = 'AccessExclusiveLock'
     and database = (select oid from pg_database where datname = current_database())
), own as materialized (
  select n.nspname as schema, c.oid as "table", c.relname as name, c.relkind as kind, c.reltoastrelid as toast,
         c.reltuples as estimate
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = any (:'schemas'::name[]) and c.relkind in ('r', 'p', 'm')
), part as (
  select "table", "table" as relation, 'table' as part from own
  union all select "table", toast, 'toast' from own where toast <> 0
  union all select "table", indexrelid, 'toast' from own join pg_index on indrelid = toast where toast <> 0
  union all select "table", indexrelid, 'index' from own join pg_index on indrelid = "table"
), part_size as (
  select part.*, locked.relation is not null as is_locked,
         case
           when locked.relation is not null then 0
           when part = 'table' then pg_relation_size(part.relation, 'main') + pg_relation_size(part.relation, 'fsm')
             + pg_relation_size(part.relation, 'vm') + pg_relation_size(part.relation, 'init')
           else pg_table_size(part.relation)
         end as bytes
    from part left join locked on locked.relation = part.relation
), table_size as (
  select "table", bool_or(is_locked) as is_locked, coalesce(sum(bytes), 0)::float8 as total,
         coalesce(sum(bytes) filter (where part = 'table'), 0)::float8 as tables,
         coalesce(sum(bytes) filter (where part = 'index'), 0)::float8 as indexes,
         coalesce(sum(bytes) filter (where part = 'toast'), 0)::float8 as toast
    from part_size group by "table"
), measured as (
  select own.schema, own.name, s.*,
         -- What the statistics have not seen written, as after a restore, ANALYZE may have counted.
         case when pg_stat_get_live_tuples("table") + pg_stat_get_dead_tuples("table")
                   + pg_stat_get_tuples_inserted("table") > 0
              then pg_stat_get_live_tuples("table") else greatest(own.estimate, 0) end::float8 as rows,
         pg_stat_get_dead_tuples("table")::float8 as dead_rows,
         pg_stat_get_last_vacuum_time("table") as vacuumed, pg_stat_get_last_autovacuum_time("table") as autovacuumed,
         pg_stat_get_last_analyze_time("table") as analyzed, pg_stat_get_last_autoanalyze_time("table") as autoanalyzed
    from table_size s join own using ("table")
), ranked as (
  select *, row_number() over (partition by schema order by total desc, name) as place from measured
)
select schema, sum(total) as total, sum(tables) as tables, sum(indexes) as indexes, sum(toast) as toast,
       count(*)::int as "tableCount", sum(rows) as rows, sum(dead_rows) as "deadRows",
       (count(*) filter (where is_locked))::int as "lockedTables",
       max(vacuumed) as vacuumed, max(autovacuumed) as autovacuumed, max(analyzed) as analyzed, max(autoanalyzed) as autoanalyzed,
       json_agg(json_build_object('schema', schema, 'table', name, 'total', total, 'tables', tables, 'indexes', indexes,
         'toast', toast, 'rows', rows, 'deadRows', dead_rows, 'vacuumed', vacuumed, 'autovacuumed', autovacuumed,
         'analyzed', analyzed, 'autoanalyzed', autoanalyzed) order by place) filter (where place <= :'biggest') as biggest
  from ranked group by schema;
