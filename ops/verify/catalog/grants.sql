-- What PUBLIC or a tenant may do outside the tenant's schema, what others may do with what is a tenant's, and routines of an extension's in a
-- tenant's schema that the extension's script keeps from everybody. USAGE on a schema with nothing but an extension's objects is no leak,
-- except for PUBLIC on schema public. Each object has a row for each
-- pair of a role that has a right and a role that gave it. For an object without an access list PostgreSQL's defaults count; those of
-- databases are the only ones that open anything.
\ir given.sql
with tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, schema oid)),
object as (
  select 'n' as kind, 'pg_namespace'::regclass as classid, oid as objid, 0 as objsubid, oid as nsp, nspowner as owner, nspacl as acl
    from pg_namespace where nspacl is not null
  union all select case relkind when 'S' then 's' else 'r' end, 'pg_class'::regclass, oid, 0, relnamespace, relowner, relacl
    from pg_class where relacl is not null
  union all select 'c', 'pg_class'::regclass, attrelid, attnum, relnamespace, relowner, attacl
    from pg_attribute join pg_class on pg_class.oid = attrelid where attacl is not null and not attisdropped
  union all select 'f', 'pg_proc'::regclass, oid, 0, pronamespace, proowner, proacl from pg_proc where proacl is not null
  union all select 'T', 'pg_type'::regclass, oid, 0, typnamespace, typowner, typacl from pg_type where typacl is not null
  -- There may be millions. The first hundred are enough, and the next run finds the next.
  union all (select 'L', 'pg_largeobject'::regclass, oid, 0, null, lomowner, lomacl from pg_largeobject_metadata, aclexplode(lomacl)
    where grantee <> lomowner and not grantee = any (:'trusted'::oid[]) group by oid order by oid limit 100)
  union all select 'S', 'pg_foreign_server'::regclass, oid, 0, null, srvowner, srvacl from pg_foreign_server where srvacl is not null
  union all select 'F', 'pg_foreign_data_wrapper'::regclass, oid, 0, null, fdwowner, fdwacl
    from pg_foreign_data_wrapper where fdwacl is not null
  union all select 'd', 'pg_database'::regclass, oid, 0, null, datdba, coalesce(datacl, acldefault('d', datdba)) from pg_database
  union all select 't', 'pg_tablespace'::regclass, oid, 0, null, spcowner, spcacl from pg_tablespace where spcacl is not null
  union all select 'p', 'pg_parameter_acl'::regclass, oid, 0, null, 10, paracl from pg_parameter_acl -- since PostgreSQL 15
  union all select 'l', 'pg_language'::regclass, oid, 0, null, lanowner, lanacl from pg_language where lanacl is not null),
this as (select oid, datdba from pg_database where datname = current_database()),
held as (
  select object.*, a.grantor, a.grantee, a.privilege_type, a.is_grantable from object, aclexplode(acl) as a
   where a.grantee <> owner and not a.grantee = any (:'trusted'::oid[])),
open as (
  select kind, classid, objid, objsubid, nsp, held.owner, grantor, grantee, case when not member then home.slug end as victim,
         array_agg(distinct privilege_type order by privilege_type) as privileges
    from this, held
    left join tenant home on home.schema = nsp or nsp is null and kind in ('L', 'S', 'F') and home.role = held.owner
    left join tenant who on who.role = grantee
   cross join lateral (
     select coalesce(home.slug = who.slug, false) and kind = 'f' and exists (
       select from pg_depend e where e.classid = held.classid and e.objid = held.objid and e.deptype = 'e') as member) as extension
   where (grantee = 0 or who.role is not null or home.slug is not null)
     and (home.slug is distinct from coalesce(who.slug, '') or member)
     and not (kind = 'n' and privilege_type = 'USAGE' and not is_grantable and home.slug is null and held.objid = any (:'extended'::regnamespace[])
              and (grantee <> 0 or held.objid is distinct from to_regnamespace('public')::oid))
     and pg_is_other_temp_schema(nsp) is not true
     -- Tenants and third roles may connect to this database. What PUBLIC may do by default in other databases is in the notes.
     and (kind = 'd' and case when held.objid = this.oid then who.role is not null and privilege_type = 'CONNECT' and not is_grantable
                              else held.grantee = 0 and privilege_type in ('CONNECT', 'TEMPORARY') end) is not true
     -- initdb keeps no record of the information schema. Its public views show nothing to those without rights.
     and (not is_grantable and held.objid < :'first_made' and privilege_type in ('SELECT', 'USAGE')
          and held.nsp = to_regnamespace('information_schema')::oid
          and not exists (select from pg_class where pg_class.oid = held.objid and relname like '\_pg\_%')) is not true
     -- Rights that initdb or an extension's script gave, or else those that PostgreSQL gives by default; in schema public neither is wanted.
     -- A script knows no roles but the server's own: what an extension has given to others from the beginning, default privileges gave.
     -- A hardened server may have taken from PUBLIC what the server gives everybody, and given it to some by name.
     and not exists (
       select from aclexplode(coalesce(
           (select initprivs from pg_init_privs i
             where i.objoid = held.objid and i.classoid = held.classid and i.objsubid = held.objsubid
               and (kind <> 'n' or held.objid is distinct from to_regnamespace('public')::oid)),
           acldefault(kind::"char", held.owner))) as usual
        where kind <> 'd' and usual.grantee < :'first_made' and usual.privilege_type = held.privilege_type
          and (usual.grantee = held.grantee or usual.grantee = 0 and (member or held.objid < :'first_made'))
          and (usual.is_grantable or not held.is_grantable))
   group by kind, classid, objid, objsubid, nsp, held.owner, grantor, grantee, home.slug, member),
counted as (
  select open.*, (row_number() over alike)::integer as nth, (count(*) over (partition by kind, victim, stranger))::integer as total
    from (select open.*, case when victim is null then grantee end as stranger from open) as open
  window alike as (partition by kind, victim, stranger order by nsp, objid, objsubid, grantee, grantor))
select kind, nth, total, objid::text as oid, replace(type, ' ACL', '') as type, identity, attname::text as "column",
       nsp::text as nsp, nspname::text as schema,
       pg_get_userbyid(nspowner)::text as "schemaOwner", coalesce(nspname in ('pg_catalog', 'information_schema'), false) as system,
       case grantee when 0 then null else pg_get_userbyid(grantee)::text end as grantee, victim,
       array(select each from unnest(privileges) as each where not meant or each <> 'CONNECT') as privileges,
       meant and 'CONNECT' = any (privileges) as "onlyPassesOn",
       pg_get_userbyid(giver)::text as giver, giver = counted.owner or counted.owner = 'pg_database_owner'::regrole as "byOwner",
       kind <> 'n' and not has_schema_privilege(giver, nsp, 'usage') as shut
  from counted
  cross join this
  left join pg_namespace on pg_namespace.oid = nsp
  left join pg_attribute on kind = 'c' and attrelid = objid and attnum = objsubid
  cross join lateral (select kind = 'd' and objid = this.oid and grantee <> 0 as meant) as by_program
  -- The owner of the database is an implicit member of pg_database_owner.
  cross join lateral (select case grantor when 'pg_database_owner'::regrole then datdba else grantor end as giver) as given,
       pg_identify_object(classid, objid, 0) i
 where nth <= :'most' and identity is not null
 order by victim nulls first, classid, identity, objsubid, grantee nulls first, "byOwner";
