-- Whether the session's role sees what others are doing. Run it as a tenant. The server shows it only to those who may see it.
\set admin 'postgres'
select 'activity' as "check", 'activity' as wall, null as place, 'pg_stat_activity' as object,
       'select usename, query from pg_stat_activity' as statement, :'admin'::text as closer,
       format('revoke pg_read_all_stats from %I', session_user) as remedy
 where exists (select from pg_stat_activity where usename <> session_user and query not in ('', '<insufficient privilege>'));
