-- What it takes to end each use that dependencies.sql has found, in the same order: what the object is a part of, what else would go with it,
-- and how a table's columns of another's types become columns of the server's.
\set uses '[{"classid": 1259, "oid": 1259, "usedOid": 1247, "tableOid": 1259, "columns": [1]}]'
\set first_made 16384
with use as materialized (
  select classid, oid as objid, "usedOid" as used, "tableOid" as "table", columns, nth
    from rows from (json_to_recordset(:'uses') as (classid oid, oid oid, "usedOid" oid, "tableOid" oid, columns int2[]))
         with ordinality as found (classid, oid, "usedOid", "tableOid", columns, nth))
select coalesce(conname, attname, pubname, case use.used::text when fdwhandler::oid::text then 'handler' when fdwvalidator::oid::text then 'validator'
                                       when to_jsonb(pg_foreign_data_wrapper) ->> 'fdwconnection' then 'connection' end)::text as part,
       attgenerated::text as generated, retyped, coalesce(dependents, 'none') as dependents, coalesce(named, '[]') as named,
       t.identity as "table", h.type as "holderType", h.identity as holder, c.relkind::text as relkind, c.relispartition as partition
  from use
  -- An index that a constraint has made goes with the constraint alone.
  left join pg_constraint
    on use.classid = 'pg_constraint'::regclass and pg_constraint.oid = use.objid
    or use.classid = 'pg_class'::regclass and conindid = use.objid and contype in ('p', 'u', 'x')
  left join pg_attrdef on use.classid = 'pg_attrdef'::regclass and pg_attrdef.oid = use.objid
  left join pg_attribute on attrelid = adrelid and attnum = adnum
  left join pg_rewrite rule on use.classid = 'pg_rewrite'::regclass and rule.oid = use.objid
  left join pg_publication_rel on use.classid = 'pg_publication_rel'::regclass and pg_publication_rel.oid = use.objid
  left join pg_publication on pg_publication.oid = prpubid
  left join pg_foreign_data_wrapper on use.classid = 'pg_foreign_data_wrapper'::regclass and pg_foreign_data_wrapper.oid = use.objid
  left join pg_class c on c.oid = use."table"
  -- Columns of another's domain become columns of what the domain is made of, where that is the server's, the schema's own, or a type
  -- without code that the table's owner may name; others text. Neither a child nor a column that a view, a policy, a generated column or
  -- the like names can be changed so, nor what rows are partitioned by; where constraints or indexes need another type's operators,
  -- nothing but a domain can.
  left join lateral (
    select string_agg(format(case when plain is null then 'alter column %1$I type text using (%1$I)::text' else 'alter column %I type %s' end,
                             attname, plain), ', ' order by attnum) as retyped
      from pg_attribute column_
      join pg_type t on t.oid = atttypid
      join pg_type e on e.oid = case when t.typtype = 'b' and t.typelem <> 0 then t.typelem else t.oid end
      left join lateral (
       with recursive base as (
         select e.typbasetype as of, e.typtypmod as modifier
         union all
         select typbasetype, typtypmod from base join pg_type on pg_type.oid = base.of where typtype = 'd')
       select format_type(base.of, modifier) || case when e.oid = t.oid then '' else '[]' end as plain
         from base join pg_type on pg_type.oid = base.of and typtype <> 'd' and e.typtype = 'd'
          and (pg_type.oid < :'first_made' or typnamespace = c.relnamespace
               or typtype in ('b', 'e') and typelem = 0 and has_schema_privilege(c.relowner, typnamespace, 'usage'))) as made_of on true
     where attrelid = use.objid and attnum = any (use.columns)
    having bool_and(attinhcount = 0 and not exists (
      select from pg_partitioned_table where partrelid = attrelid and (partexprs is not null or attnum = any (partattrs::int2[])))
      and not exists (
      select from pg_depend d
       where d.refclassid = 'pg_class'::regclass and d.refobjid = attrelid and d.refobjsubid = attnum
         and (d.classid in ('pg_rewrite'::regclass, 'pg_policy'::regclass, 'pg_trigger'::regclass, 'pg_proc'::regclass)
              or d.classid = 'pg_attrdef'::regclass and attnum <> (select adnum from pg_attrdef where pg_attrdef.oid = d.objid)
              or plain is null and d.classid in ('pg_constraint'::regclass, 'pg_class'::regclass))))) as retyping
    on use.classid = 'pg_class'::regclass and c.relkind in ('r', 'p')
  -- What else would go with it, and with that.
  left join lateral (
    with recursive upon (relation, view) as (
      select coalesce(ev_class, 0), coalesce(relkind = 'v', false)
        from pg_depend d
        left join pg_rewrite on d.classid = 'pg_rewrite'::regclass and pg_rewrite.oid = d.objid
        left join pg_class on pg_class.oid = ev_class
       -- What is upon a view is upon the view's relation.
       where case when rule.rulename = '_RETURN' then d.refclassid = 'pg_class'::regclass and d.refobjid = use."table"
                                                      or d.refclassid = 'pg_type'::regclass and d.refobjid = c.reltype
                  else d.refclassid = use.classid and d.refobjid = use.objid end
         and d.deptype = 'n' and coalesce(ev_class, 0) is distinct from use."table"
      union
      select coalesce(ev_class, 0), coalesce(pg_class.relkind = 'v', false)
        from upon
        join pg_class own on own.oid = upon.relation and upon.view
        join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = own.oid
          or d.refclassid = 'pg_type'::regclass and d.refobjid = own.reltype
        left join pg_rewrite on d.classid = 'pg_rewrite'::regclass and pg_rewrite.oid = d.objid
        left join pg_class on pg_class.oid = ev_class
       where d.deptype = 'n' and ev_class is distinct from own.oid)
    select case when bool_and(view) then 'views' else 'others' end as dependents from upon having count(*) > 0) as upon_it
    on use.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass)
  left join lateral (
    select identity from pg_identify_object(
      case when contypid <> 0 then 'pg_type'::regclass else 'pg_class'::regclass end, coalesce(nullif(contypid, 0), use."table"), 0)) t on true
  left join lateral (
    select type, identity from pg_depend d, pg_identify_object(d.refclassid, d.refobjid, 0)
     where use.classid in ('pg_amproc'::regclass, 'pg_amop'::regclass) and d.classid = use.classid and d.objid = use.objid
       and d.refclassid in ('pg_opclass'::regclass, 'pg_opfamily'::regclass) limit 1) h on true
  -- Schemas that an identity names by its arguments' types, and that are closed to the owner.
  left join lateral (
    select json_agg(json_build_object('schema', nspname, 'schemaOwner', pg_get_userbyid(nspowner), 'shut', true) order by nspname) as named
      from (select proowner as owner, proargtypes::oid[] as types, pronamespace as nsp
              from pg_proc where use.classid = 'pg_proc'::regclass and oid = use.objid
            union all
            select oprowner, array[oprleft, oprright], oprnamespace
              from pg_operator where use.classid = 'pg_operator'::regclass and oid = use.objid) as code
      join pg_namespace n on n.oid <> code.nsp and not has_schema_privilege(code.owner, n.oid, 'usage')
       and exists (select from pg_type where typnamespace = n.oid and pg_type.oid = any (types))) as arguments on true
 order by nth;
