-- The tables of a schema as this session sees them now, and the locks that it holds on them: for `migrate --try`, which asks after each
-- statement of a migration, before the commit.
\set schema 'schema_acme'
\set except 'b2b_tenants_migrations'
with held as (
  select relation, array_agg(distinct mode) as modes from pg_locks
   where pid = pg_backend_pid() and locktype = 'relation' and granted
     and database = (select oid from pg_database where datname = current_database())
   group by relation
)
select c.oid::int8::text as id, c.relname::text as name, c.relfilenode::int8::text as file, coalesce(h.modes, '{}') as modes,
       -- Statements name an index, and lock its table.
       array(select i.relname::text from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = c.oid) as indexes
  from pg_class c
  left join held h on h.relation = c.oid
 where c.relnamespace = (select oid from pg_namespace where nspname = :'schema') and c.relkind in ('r', 'p', 'm', 'v', 'f')
   and c.relname <> :'except'
 order by c.relname;
