import { FIRST_MADE } from "./first-made";

/** Whatever may use something or be used, with the schema that it is in, itself or with its table, and its owner. */
export const LOCATED = `
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
    union all select 'pg_foreign_data_wrapper'::regclass, oid, null, fdwowner, null from pg_foreign_data_wrapper
    union all select 'pg_constraint'::regclass, c.oid, typnamespace, typowner, null from pg_constraint c join pg_type on pg_type.oid = contypid
    -- A cast has neither: those of the type that is not the server's own, if one is not, are as good.
    union all select 'pg_cast'::regclass, pg_cast.oid, typnamespace, typowner, null
      from pg_cast join pg_type on pg_type.oid = case when castsource < ${FIRST_MADE} then casttarget else castsource end
     where pg_cast.oid >= ${FIRST_MADE}
    union all select classid, part.oid, opfnamespace, opfowner, null
      from (select 'pg_amproc'::regclass::oid as classid, oid, amprocfamily as family from pg_amproc where oid >= ${FIRST_MADE}
            union all select 'pg_amop'::regclass, oid, amopfamily from pg_amop where oid >= ${FIRST_MADE}) part
      join pg_opfamily on pg_opfamily.oid = family
    union all
    select classid, part.oid, relnamespace, relowner, relid
      from (select 'pg_constraint'::regclass::oid as classid, oid, conrelid as relid from pg_constraint
            union all select 'pg_trigger'::regclass, oid, tgrelid from pg_trigger
            union all select 'pg_rewrite'::regclass, oid, ev_class from pg_rewrite
            union all select 'pg_policy'::regclass, oid, polrelid from pg_policy
            union all select 'pg_attrdef'::regclass, oid, adrelid from pg_attrdef) part
      join pg_class on pg_class.oid = relid)`;

/**
 * SQL that holds where what `d` of pg_depend refers to is a type with code in it, which is run for a value or a row's statistics: a domain's checks, what tells of a range.
 * A view shows such values, and runs nothing for that.
 */
export const CODE_TYPE = `
  d.refclassid = 'pg_type'::regclass
   and (d.classid <> 'pg_class'::regclass or (select relkind <> 'v' from pg_class where oid = d.objid))
   and (select coalesce(e.typtype, t.typtype) in ('d', 'r', 'm')
          from pg_type t left join pg_type e on e.oid = t.typelem where t.oid = d.refobjid)`;

/** SQL of the tables that one in a tenant's schema is a part of, inherits from, or refers to. */
export const BEHIND = `
  select inhparent from pg_inherits
    join pg_class own on own.oid = inhrelid join tenant on tenant.schema = own.relnamespace
   where own.relkind in ('r', 'p', 'f')
  union
  select confrelid from pg_constraint join pg_class own on own.oid = conrelid join tenant on tenant.schema = own.relnamespace
   where contype = 'f'`;
