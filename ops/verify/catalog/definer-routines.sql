-- Routines that run with the rights of their owner, or in a language that can do whatever the server's account can, in a tenant's schema or
-- one that is no tenant's:
--   that PUBLIC or that tenant may call, also as a part of an aggregate. They count also while their schema is closed; `closed` says so
--   when the schema is the owner's
--   that run without anybody's right to call them: for triggers on a tenant's tables, for event triggers, and for types and operator
--   classes of a tenant's columns and indexes (`runs`)
-- What belongs to another tenant or a third role in a tenant's schema is a leak of ownership; what a third role has in a schema of its own
-- concerns only that role.
\ir given.sql
with recursive tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, role_name text, schema oid, schema_name text)),
routine as materialized (
  select pg_proc.oid, proowner, pronamespace, prosecdef, proacl, prorettype, nspname, nspowner, not lanpltrusted as unlimited,
         t.slug, t.role, t.role_name, proowner = t.role as own
    from pg_proc
    join pg_namespace n on n.oid = pronamespace
    join pg_language on pg_language.oid = prolang
    left join tenant t on t.schema = n.oid
   where (prosecdef or not lanpltrusted and prokind <> 'a' and prorettype <> 'trigger'::regtype)
     and pg_proc.oid >= :'first_made' and pg_is_other_temp_schema(n.oid) is not true
     and (proowner = any (:'trusted'::oid[]) or not lanpltrusted and proowner = t.role
          or t.slug is null and nspowner <> proowner and not exists (select from tenant where tenant.role = proowner))
     -- What an extension brought along belongs to the extension, and the constructors of a range to the range.
     and not exists (
       select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = pg_proc.oid and e.deptype in ('e', 'i'))),
-- Ranges, operators, operator classes and aggregates, and what is made of them.
wired (routine, classid, objid) as (
  select oid, 'pg_proc'::regclass::oid, oid from routine where prosecdef
  union
  select routine, coalesce(opclass.classid, d.classid), coalesce(opclass.oid, d.objid)
    from wired
    join pg_depend d on d.refclassid = wired.classid and d.refobjid = wired.objid and d.deptype <> 'e'
    left join (
      select 'pg_opclass'::regclass::oid as classid, pg_opclass.oid, part.classid as part_class, part.oid as part
        from (select 'pg_amproc'::regclass::oid as classid, oid, amprocfamily as family from pg_amproc where oid >= :'first_made'
              union all select 'pg_amop'::regclass, oid, amopfamily from pg_amop where oid >= :'first_made') part
        join pg_opclass on opcfamily = family) as opclass on opclass.part_class = d.classid and opclass.part = d.objid
    left join pg_proc on d.classid = 'pg_proc'::regclass and pg_proc.oid = d.objid
   where d.classid in ('pg_type'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass, 'pg_amproc'::regclass, 'pg_amop'::regclass)
      or prokind = 'a'),
runs as (
  select tgfoid as oid, tenant.role_name
    from pg_trigger join pg_class on pg_class.oid = tgrelid join tenant on tenant.schema = relnamespace
   where tgfoid in (select oid from routine where prosecdef)
  union
  select evtfoid, 'public' from pg_event_trigger where evtfoid in (select oid from routine where prosecdef)
  union
  select routine, tenant.role_name
    from wired
    join pg_depend d on d.refclassid = wired.classid and d.refobjid = wired.objid and wired.objid <> routine
   cross join lateral pg_identify_object_as_address(d.classid, d.objid, 0) as address
   cross join lateral pg_identify_object(d.classid, d.objid, 0) as named
    join tenant on tenant.schema_name in (named.schema, address.object_names[1])),
called as (
  select routine.oid, bool_or(aggregated) as aggregated
    from routine
   cross join lateral (
     select coalesce(proacl, acldefault('f', proowner)) as acl, false as aggregated
     union all
     select coalesce(a.proacl, acldefault('f', a.proowner)), true
       from pg_depend d join pg_proc a on a.oid = d.objid and a.prokind = 'a'
      where d.classid = 'pg_proc'::regclass and d.refclassid = 'pg_proc'::regclass and d.refobjid = routine.oid) as its,
         aclexplode(acl) as each
   where (each.grantee = 0 or each.grantee = routine.role) and prorettype <> 'event_trigger'::regtype
   group by routine.oid)
select routine.slug, found.role, type, identity, routine.oid::text as oid, runs, aggregated, unlimited,
       coalesce(own, false) as own,
       pg_get_userbyid(proowner)::text as owner, nspname::text as schema,
       pg_get_userbyid(nspowner)::text as "schemaOwner", not has_schema_privilege(proowner, pronamespace, 'usage') as shut,
       not runs and routine.slug is null and nspowner = proowner and not has_schema_privilege('public', pronamespace, 'usage')
         and not exists (select from tenant where tenant.role is not null and has_schema_privilege(tenant.role, pronamespace, 'usage')) as closed
  from routine
  join (
    select called.oid, coalesce(role_name, 'public') as role, false as runs, aggregated from called join routine on routine.oid = called.oid
    union all select oid, role_name, true, false from runs) as found on found.oid = routine.oid,
       pg_identify_object('pg_proc'::regclass, routine.oid, 0) i
 order by routine.slug nulls first, identity, runs, found.role;
