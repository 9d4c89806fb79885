-- The sessions of each role, in every database of the server: a role's limit counts all of them. The row without a role is the sum of
-- all roles. The transaction that asks is left out.
select usename as role,
       (count(*) filter (where state = 'active'))::int as active,
       (count(*) filter (where state = 'idle'))::int as idle,
       (count(*) filter (where starts_with(state, 'idle in transaction')))::int as "idleInTransaction",
       (count(*) filter (where state is null
         or not (state in ('active', 'idle') or starts_with(state, 'idle in transaction'))))::int as other,
       count(*)::int as total,
       (1000 * extract(epoch from
         max(clock_timestamp() - xact_start) filter (where pid <> pg_backend_pid())))::float8 as "longestTransactionMs"
  from pg_stat_activity where backend_type = 'client backend' and usename is not null
 group by rollup (usename);
