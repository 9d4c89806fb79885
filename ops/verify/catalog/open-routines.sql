-- Routines in schemas of tenants that are open to others. PUBLIC may execute every routine by default, and only the schema's wall stops it.
\ir given.sql
\set opened '{schema_acme}'
select nth, total, nsp, routine.oid::text as oid, victim, definer, type, identity
  from (select pronamespace::text as nsp, pg_proc.oid, tenant.slug as victim, prosecdef as definer,
               (row_number() over (partition by pronamespace order by pg_proc.oid))::integer as nth,
               (count(*) over (partition by pronamespace))::integer as total
          from pg_proc join json_to_recordset(:'tenants') as tenant (slug text, schema oid) on tenant.schema = pronamespace
         where pronamespace = any (:'opened'::regnamespace[])
           and exists (select from aclexplode(coalesce(proacl, acldefault('f', proowner))) as a where a.grantee = 0)) as routine,
       pg_identify_object('pg_proc'::regclass, routine.oid, 0) i
 where nth <= :'most'
 order by identity;
