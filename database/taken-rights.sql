-- Rights that the server gives everybody by itself, and that somebody has taken away, as on a hardened server: what has one of these names.
-- It calls no function, not even for a cast, since that may be what was taken.
\set words '{pg_roles}'
select relowner::regrole::text as owner, 'select' as privilege, 'table' as kind, 'pg_catalog' as schema, pg_class.oid::regclass::text as name
  from pg_class join pg_init_privs on classoid = 'pg_class'::regclass and objoid = pg_class.oid and objsubid = 0
 where relname = any (:'words'::name[]) and relnamespace = 'pg_catalog'::regnamespace
   and initprivs::text ~ '[{,]=[a-zA-Z*]*r' and relacl::text !~ '[{,]=[a-zA-Z*]*r'
union all
select proowner::regrole::text, 'execute', 'routine', 'pg_catalog', oid::regprocedure::text
  from pg_proc
 where proname = any (:'words'::name[]) and pronamespace = 'pg_catalog'::regnamespace and proacl::text !~ '[{,]=X'
   and not exists (select from pg_init_privs where classoid = 'pg_proc'::regclass and objoid = pg_proc.oid and initprivs::text !~ '[{,]=X')
union all
select lanowner::regrole::text, 'usage', 'language', null, 'plpgsql'
  from pg_language
 where lanname = 'plpgsql' and lanname = any (:'words'::name[]) and lanacl::text !~ '[{,]=U'
 order by 3, 5;
