-- Objects that use another tenant's, or code of a third role's, or that are a part of, inherit from or refer to a table of another role's,
-- on which their own triggers and casts then run. An object of the admin's outside a tenant's schema may read that tenant's tables, and may
-- not run its code, read its views, be a part of its tables (who reads those reads it too) or lose rows with theirs; in the tenant's schema
-- it may do neither, and triggers there are leaks of their table (definer-relations.sql). What inherits its code from a parent is closed
-- with the parent. A user has one row for each tenant whose objects it uses.
\ir given.sql
with recursive tenant as materialized (
  select * from json_to_recordset(:'tenants') as t (slug text, role oid, role_name text, schema oid)),
-- Every object that can use another or be used, with its schema and owner, which are its table's where it has none of its own.
located as materialized (
  select 'pg_class'::regclass::oid as classid, oid as objid, relnamespace as nsp, relowner as owner, coalesce(indrelid, oid) as "table"
    from pg_class left join pg_index on indexrelid = oid where relkind <> 't'
  union all select 'pg_proc'::regclass, oid, pronamespace, proowner, null from pg_proc
  union all select 'pg_type'::regclass, oid, typnamespace, typowner, null from pg_type
  union all select 'pg_operator'::regclass, oid, oprnamespace, oprowner, null from pg_operator
  union all select 'pg_opclass'::regclass, oid, opcnamespace, opcowner, null from pg_opclass
  union all select 'pg_collation'::regclass, oid, collnamespace, collowner, null from pg_collation
  union all select 'pg_ts_config'::regclass, oid, cfgnamespace, cfgowner, null from pg_ts_config
  union all select 'pg_ts_dict'::regclass, oid, dictnamespace, dictowner, null from pg_ts_dict
  union all select 'pg_statistic_ext'::regclass, oid, stxnamespace, stxowner, null from pg_statistic_ext
  union all select 'pg_event_trigger'::regclass, oid, null, evtowner, null from pg_event_trigger
  union all select 'pg_publication_rel'::regclass, pr.oid, null, pubowner, null
    from pg_publication_rel pr join pg_publication p on p.oid = prpubid
   where coalesce((to_jsonb(pr) ->> 'prexcept')::bool, false) = false
  union all select 'pg_foreign_data_wrapper'::regclass, oid, null, fdwowner, null from pg_foreign_data_wrapper
  union all select 'pg_constraint'::regclass, c.oid, typnamespace, typowner, null from pg_constraint c join pg_type on pg_type.oid = contypid
  -- A cast has neither. Those of its type count: of the one that did not come with the server.
  union all select 'pg_cast'::regclass, pg_cast.oid, typnamespace, typowner, null
    from pg_cast join pg_type on pg_type.oid = case when castsource < :'first_made' then casttarget else castsource end
   where pg_cast.oid >= :'first_made'
  union all select classid, part.oid, opfnamespace, opfowner, null
    from (select 'pg_amproc'::regclass::oid as classid, oid, amprocfamily as family from pg_amproc where oid >= :'first_made'
          union all select 'pg_amop'::regclass, oid, amopfamily from pg_amop where oid >= :'first_made') part
    join pg_opfamily on pg_opfamily.oid = family
  union all
  select classid, part.oid, relnamespace, relowner, relid
    from (select 'pg_constraint'::regclass::oid as classid, oid, conrelid as relid from pg_constraint
          union all select 'pg_trigger'::regclass, oid, tgrelid from pg_trigger
          union all select 'pg_rewrite'::regclass, oid, ev_class from pg_rewrite
          union all select 'pg_policy'::regclass, oid, polrelid from pg_policy
          union all select 'pg_attrdef'::regclass, oid, adrelid from pg_attrdef) part
    join pg_class on pg_class.oid = relid),
-- What a part is a part of, when it is the whole that others use.
whole as (
  select 'pg_rewrite'::regclass::oid as classid, pg_rewrite.oid as objid, 'pg_class'::regclass::oid as whole_class, ev_class as whole_object
    from pg_rewrite join pg_class on pg_class.oid = ev_class where relkind = 'v'
  union all select 'pg_constraint'::regclass, oid, 'pg_type'::regclass, contypid from pg_constraint where contypid <> 0
  union all select 'pg_class'::regclass, oid, 'pg_type'::regclass, reltype from pg_class where relkind = 'c'
  union all select 'pg_cast'::regclass, oid, 'pg_type'::regclass, each from pg_cast, unnest(array[castsource, casttarget]) as each
   where oid >= :'first_made' and each >= :'first_made'
  union all select part.classid, part.oid, 'pg_opclass'::regclass, pg_opclass.oid
    from (select 'pg_amproc'::regclass::oid as classid, oid, amprocfamily as family from pg_amproc where oid >= :'first_made'
          union all select 'pg_amop'::regclass, oid, amopfamily from pg_amop where oid >= :'first_made') part
    join pg_opclass on opcfamily = family),
-- A third role's code, and what runs it for whoever uses that: operators, domains, ranges, casts, aggregates, operator classes, views,
-- routines and others that are in no tenant's schema.
foreign_code (owner, classid, objid) as (
  select owner, classid, objid from located
   where not owner = any (:'trusted'::oid[]) and nsp not in (select schema from tenant where schema is not null)
     and (classid = 'pg_proc'::regclass
          or classid = 'pg_type'::regclass and (select typtype in ('d', 'r', 'm') or typtype = 'b' and typelem = 0 from pg_type where oid = objid))
  union
  select code.owner, coalesce(whole_class, d.classid), coalesce(whole_object, d.objid)
    from foreign_code code
    join pg_depend d on d.refclassid = code.classid and d.refobjid = code.objid and d.deptype <> 'e'
    left join whole on whole.classid = d.classid and whole.objid = d.objid
    left join located on located.classid = d.classid and located.objid = d.objid
    left join pg_class c on d.classid = 'pg_class'::regclass and c.oid = d.objid
   where (located.nsp is null or located.nsp not in (select schema from tenant where schema is not null))
     -- A view shows a value of a type without running the type's code, and a table keeps its own.
     and not (d.classid = 'pg_rewrite'::regclass and code.classid = 'pg_type'::regclass) and coalesce(c.relkind, 'c') = 'c'
     and d.classid not in ('pg_attrdef'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass)),
-- The tables that a table in a tenant's schema is a part of, inherits from, or refers to.
behind as (
  select inhparent from pg_inherits
    join pg_class own on own.oid = inhrelid join tenant on tenant.schema = own.relnamespace
   where own.relkind in ('r', 'p', 'f')
  union
  select confrelid from pg_constraint join pg_class own on own.oid = conrelid join tenant on tenant.schema = own.relnamespace
   where contype = 'f'),
used as materialized (
  select slug, role as tenant, coalesce(role_name, pg_get_userbyid(located.owner)) as who, located.*, false as runs
    from located left join tenant on tenant.schema = nsp
   where slug is not null or classid = 'pg_class'::regclass and objid in (select * from behind)
  union all
  select null, null, pg_get_userbyid(owner), classid, objid, null, owner, null, true
    from (select min(owner) as owner, classid, objid from foreign_code group by classid, objid) as code),
-- Constraints, indexes and generated columns that a table has from its parent cannot be dropped there. A child in another schema is to
-- be cut loose, and keeps them; triggers go then.
inherited as (
  select 'pg_trigger'::regclass::oid as classid, oid as objid from pg_trigger where tgparentid <> 0
  union all
  select part.classid, part.oid
    from (select 'pg_constraint'::regclass::oid as classid, oid, conrelid as relid from pg_constraint
           where conparentid <> 0 or contype = 'c' and not conislocal
          union all select 'pg_class'::regclass, indexrelid, indrelid from pg_index join pg_class on pg_class.oid = indexrelid where relispartition
          union all select 'pg_attrdef'::regclass, pg_attrdef.oid, adrelid from pg_attrdef
            join pg_attribute on attrelid = adrelid and attnum = adnum where attgenerated <> '' and not attislocal) as part
   where not exists (
     select from pg_inherits join pg_class child on child.oid = inhrelid join pg_class parent on parent.oid = inhparent
      where inhrelid = part.relid and parent.relnamespace <> child.relnamespace
        and exists (select from tenant where schema in (parent.relnamespace, child.relnamespace)))),
use as (
  select distinct on (d.classid, d.objid, used.slug)
         d.classid, d.objid, coalesce(user_.nsp, used.nsp) as nsp, user_.owner, user_."table", mine.slug, mine.role_name as who,
         used.slug as of, used.classid as used_class, used.objid as used_object, used.owner as used_owner, used.who as used_who,
         code or shows and of_trusted or mine.slug is null and of_trusted and (child or cascades) as code, child
    from used
    join pg_depend d on d.refclassid = used.classid and d.refobjid = used.objid and d.deptype <> 'i'
    join located user_ on user_.classid = d.classid and user_.objid = d.objid
    left join tenant mine on mine.schema = user_.nsp
   cross join lateral (
     select used.runs or d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass)
              -- A type with code of its own (the checks of a domain, the functions of a range), which is run for a value or for
              -- statistics. A view shows such values without running it.
              or (d.refclassid = 'pg_type'::regclass
                  and (d.classid <> 'pg_class'::regclass or (select relkind <> 'v' from pg_class where oid = d.objid))
                  and (select coalesce(e.typtype, t.typtype) in ('d', 'r', 'm')
                         from pg_type t left join pg_type e on e.oid = t.typelem where t.oid = d.refobjid)) is true as code,
            d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and exists (
              select from pg_inherits where inhrelid = d.objid and inhparent = d.refobjid) as child,
            d.classid = 'pg_constraint'::regclass and exists (
              select from pg_constraint c where c.oid = d.objid and confrelid = d.refobjid and contype = 'f') as refers,
            -- Set null, set default and cascade change what is the referring table's.
            d.classid = 'pg_constraint'::regclass and exists (
              select from pg_constraint c
               where c.oid = d.objid and confrelid = d.refobjid and (confdeltype in ('c', 'n', 'd') or confupdtype in ('c', 'n', 'd'))) as cascades,
            -- What the tenant may not read of the admin's shows it nothing.
            d.classid = 'pg_rewrite'::regclass and exists (
              select from pg_class where oid = user_."table" and relkind = 'm' and relowner = any (:'trusted'::oid[])
                and not exists (
                  select from (select relacl as acl union all select attacl from pg_attribute where attrelid = pg_class.oid) as its, aclexplode(acl) as held
                   where held.grantee in (0, mine.role))) as unread,
            -- A view may call anything, if not today then after its next replacement.
            d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and exists (
              select from pg_class where oid = d.refobjid and relkind = 'v') as shows,
            user_.owner = any (:'trusted'::oid[]) as of_trusted) as kind
   where case when user_.nsp = used.nsp then
                (code or shows) and of_trusted and used.owner = used.tenant and d.classid <> 'pg_trigger'::regclass
                or child and user_.owner = used.tenant and used.owner = any (:'trusted'::oid[])
              when used.slug is null then
                mine.slug is not null and used.owner is distinct from mine.role and (used.runs or child or refers)
                or used.runs and d.classid = 'pg_event_trigger'::regclass
              when mine.slug is null then
                user_.owner is distinct from used.tenant and (code or shows or child or cascades or not of_trusted)
              else not unread end
     and not exists (select from inherited i where i.classid = d.classid and i.objid = d.objid)
     and not exists (
       select from pg_attribute join pg_inherits on inhrelid = attrelid join pg_class parent on parent.oid = inhparent
        where d.classid = 'pg_class'::regclass and attrelid = d.objid and attnum = d.objsubid and not attislocal
          and parent.relnamespace = user_.nsp)
     and not exists (select from pg_depend e where e.classid = d.classid and e.objid = d.objid and e.deptype = 'e')
     -- The constructors of a range belong to a superuser, and come with the range.
     and not exists (select from pg_depend i where d.classid = 'pg_proc'::regclass and i.classid = d.classid and i.objid = d.objid and i.deptype = 'i')
   order by d.classid, d.objid, used.slug, code or shows and of_trusted desc, d.refclassid, d.refobjid),
counted as (
  select use.*, (row_number() over (partition by of, slug, code order by classid, objid))::integer as nth,
         (count(*) over (partition by of, slug, code))::integer as total
    from use)
select use.slug, use.of, nth, total, code, i.type, i.identity, u.type as "usedType", u.identity as used, use.classid::text, use.objid::text as oid,
       use.used_class::text as "usedClass", use.used_object::text as "usedOid", use."table"::text as "tableOid",
       pg_get_userbyid(use.owner)::text as owner, pg_get_userbyid(use.used_owner)::text as "usedOwner", who, used_who as "usedWho", child,
       nspname::text as schema, pg_get_userbyid(nspowner)::text as "schemaOwner",
       not has_schema_privilege(use.owner, use.nsp, 'usage') as shut,
       -- Of a child: who can let the parent's owner into the parent's schema, which is closed to it.
       (select pg_get_userbyid(pn.nspowner)::text from pg_class parent join pg_namespace pn on pn.oid = parent.relnamespace
         where use.child and parent.oid = use.used_object and not has_schema_privilege(use.used_owner, pn.oid, 'usage')) as "parentShutBy",
       -- Of a table: the columns whose types, or whose elements' types, are another's.
       array(select attnum from pg_attribute join pg_type t on t.oid = atttypid
              where use.classid = 'pg_class'::regclass and attrelid = use.objid and not attisdropped and exists (
                select from used
                 where used.classid = 'pg_type'::regclass and used.objid in (t.oid, case t.typtype when 'b' then t.typelem end)
                   and used.nsp is distinct from use.nsp)) as columns,
       -- Before PostgreSQL 15 a generated column itself uses what its expression uses, and goes on doing so without the expression.
       (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
         where use.classid = 'pg_class'::regclass and attrelid = use.objid and exists (
           select from pg_depend d join used on used.classid = d.refclassid and used.objid = d.refobjid
            where d.classid = use.classid and d.objid = use.objid and d.objsubid = attnum and d.deptype = 'a'
              and used.nsp is distinct from use.nsp)) as bound
  from counted use
  left join pg_namespace n on n.oid = use.nsp,
       pg_identify_object(use.classid, use.objid, 0) i, pg_identify_object(use.used_class, use.used_object, 0) u
 where nth <= :'most' and i.identity is not null
 -- What a child has from its parent can be dropped once the child is cut loose.
 order by use.child desc, use.of, use.slug, i.type, i.identity;
