import { identified } from "../../../components/object-identity";
import { notOfExtension } from "./not-of-extension";
import { acting } from "./remedies";
import { WHO } from "./scene";

/** Whatever may use something or be used, with the schema that it is in, itself or with its table, and its owner. */
const LOCATED = `
  located as materialized (
    select 'pg_class'::regclass::oid as classid, oid as objid, relnamespace as nsp, relowner as owner, oid as "table"
      from pg_class where relkind <> 't'
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
    union all
    select classid, part.oid, relnamespace, relowner, relid
      from (select 'pg_constraint'::regclass::oid as classid, oid, conrelid as relid from pg_constraint
            union all select 'pg_trigger'::regclass, oid, tgrelid from pg_trigger
            union all select 'pg_rewrite'::regclass, oid, ev_class from pg_rewrite
            union all select 'pg_policy'::regclass, oid, polrelid from pg_policy
            union all select 'pg_attrdef'::regclass, oid, adrelid from pg_attrdef) part
      join pg_class on pg_class.oid = relid)`;

/**
 * What is in one schema and uses what is in another tenant's, or code of a third role's. What the admin has elsewhere may look at a
 * tenant's tables; it may not run a tenant's code. Each user once for each tenant whose things it uses.
 */
export const USES = `
  with ${WHO}, ${LOCATED},
  used as materialized (
    select slug, role as tenant, coalesce(tenant.name, pg_get_userbyid(located.owner)) as who, located.*
      from located left join tenant on tenant.schema = nsp
     where slug is not null or classid = 'pg_proc'::regclass and not exists (select from trusted where trusted.oid = located.owner)),
  use as (
    select distinct on (d.classid, d.objid, used.slug)
           d.classid, d.objid, coalesce(user_.nsp, used.nsp) as nsp, user_.owner, user_."table", mine.slug, mine.name as who,
           used.slug as of, used.classid as used_class, used.objid as used_object, used.owner as used_owner, used.who as used_who, code
      from used
      join pg_depend d on d.refclassid = used.classid and d.refobjid = used.objid and d.deptype <> 'i'
      join located user_ on user_.classid = d.classid and user_.objid = d.objid
      left join tenant mine on mine.schema = user_.nsp
     cross join lateral (select d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass) as code) as kind
     where user_.nsp is distinct from used.nsp
       and case when used.slug is null then used.owner <> mine.role
                when mine.slug is null then user_.owner is distinct from used.tenant
                                            and (code or not exists (select from trusted where trusted.oid = user_.owner))
                else true end
       and ${notOfExtension("d.classid", "d.objid")}
     order by d.classid, d.objid, used.slug, code desc, d.refclassid, d.refobjid)
  select use.slug, use.of, code, i.type, i.identity, u.type as "usedType", u.identity as used, use.classid::text, use.objid::text as oid,
         use.used_class::text as "usedClass", use.used_object::text as "usedOid",
         pg_get_userbyid(use.owner)::text as owner, who, used_who as "usedWho",
         coalesce(conname, attname, pubname)::text as part, t.identity as "table",
         c.relkind::text as relkind, c.relispartition as partition,
         use.classid = 'pg_class'::regclass and exists (
           select from pg_inherits where inhrelid = use.objid and inhparent = use.used_object) as child,
         nspname::text as schema, pg_get_userbyid(nspowner)::text as "schemaOwner",
         not has_schema_privilege(use.owner, use.nsp, 'usage') as shut, lacking, able, superuser
    from use
    left join pg_constraint on use.classid = 'pg_constraint'::regclass and pg_constraint.oid = use.objid
    left join pg_attrdef on use.classid = 'pg_attrdef'::regclass and pg_attrdef.oid = use.objid
    left join pg_attribute on attrelid = adrelid and attnum = adnum
    left join pg_publication_rel on use.classid = 'pg_publication_rel'::regclass and pg_publication_rel.oid = use.objid
    left join pg_publication on pg_publication.oid = prpubid
    left join pg_class c on c.oid = use."table"
    left join pg_namespace n on n.oid = use.nsp
    left join lateral (select identity from pg_identify_object('pg_class'::regclass, use."table", 0)) t on true,
         ${identified("use.classid", "use.objid")} i, ${identified("use.used_class", "use.used_object")} u,
         ${acting("array[use.owner, use.used_owner]")} a
   where i.identity is not null
   order by use.of, use.slug, i.type, i.identity`;

export interface UseRow {
  /** Tenant whose schema the user is in; null for a schema that is no tenant's. */
  readonly slug: string | null;
  /** Tenant whose thing is used; null for a third role's. */
  readonly of: string | null;
  /** Whether it is code that is used. */
  readonly code: boolean;
  readonly type: string;
  readonly identity: string;
  readonly usedType: string;
  readonly used: string;
  readonly classid: string;
  readonly oid: string;
  readonly usedClass: string;
  readonly usedOid: string;
  readonly owner: string;
  /** The tenant's role; null for a schema that is no tenant's. */
  readonly who: string | null;
  /** The role whose thing is used. */
  readonly usedWho: string;
  /** Name of the constraint, of the column with a default, or of the publication. */
  readonly part: string | null;
  readonly table: string | null;
  readonly relkind: string | null;
  readonly partition: boolean | null;
  /** Whether it is a partition of what it uses, or inherits from it. */
  readonly child: boolean;
  readonly schema: string | null;
  readonly schemaOwner: string | null;
  readonly shut: boolean | null;
  readonly lacking: readonly string[];
  readonly able: boolean;
  readonly superuser: string;
}
