import { identified } from "../../../database/object-identity";
import { BEHIND, CODE_TYPE, LOCATED } from "./located";
import { MOST, type Numbered, numbered } from "./most";
import { notOfExtension } from "./not-of-extension";
import { acting } from "./remedies";
import { WHO } from "./scene";

/**
 * What is in one schema and uses what is in another tenant's, code of a third role's, or a table of somebody else's that the user's
 * triggers and casts get their turn with. What the admin has elsewhere may look at a tenant's tables; it may not run a tenant's code,
 * nor look at its views, and in the tenant's schema neither: triggers there are told of with their table. Each user once for each tenant whose things it uses.
 */
export const USES = `
  with ${WHO}, ${LOCATED},
  used as materialized (
    select slug, role as tenant, coalesce(tenant.name, pg_get_userbyid(located.owner)) as who, located.*
      from located left join tenant on tenant.schema = nsp
     where slug is not null or classid = 'pg_proc'::regclass and not exists (select from trusted where trusted.oid = located.owner)
        or classid = 'pg_class'::regclass and objid in (${BEHIND})),
  use as (
    select distinct on (d.classid, d.objid, used.slug)
           d.classid, d.objid, coalesce(user_.nsp, used.nsp) as nsp, user_.owner, user_."table", mine.slug, mine.name as who,
           used.slug as of, used.classid as used_class, used.objid as used_object, used.owner as used_owner, used.who as used_who,
           code or shows and of_trusted as code, child
      from used
      join pg_depend d on d.refclassid = used.classid and d.refobjid = used.objid and d.deptype <> 'i'
      join located user_ on user_.classid = d.classid and user_.objid = d.objid
      left join tenant mine on mine.schema = user_.nsp
     cross join lateral (
       select d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass) or (${CODE_TYPE}) is true as code,
              d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and exists (
                select from pg_inherits where inhrelid = d.objid and inhparent = d.refobjid) as child,
              d.classid = 'pg_constraint'::regclass and exists (
                select from pg_constraint c where c.oid = d.objid and confrelid = d.refobjid and contype = 'f') as refers,
              -- A view may call anything, and may do so tomorrow.
              d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and exists (
                select from pg_class where oid = d.refobjid and relkind = 'v') as shows,
              exists (select from trusted where trusted.oid = user_.owner) as of_trusted) as kind
     where case when user_.nsp = used.nsp then
                  (code or shows) and of_trusted and used.owner = used.tenant and d.classid <> 'pg_trigger'::regclass
                  or child and user_.owner = used.tenant and exists (select from trusted where trusted.oid = used.owner)
                when used.slug is null then used.owner <> mine.role and (used.classid = 'pg_proc'::regclass or child or refers)
                when mine.slug is null then user_.owner is distinct from used.tenant and (code or shows or not of_trusted)
                else true end
       and ${notOfExtension("d.classid", "d.objid")}
       -- The constructors of a range are a superuser's, and the range's.
       and not exists (select from pg_depend i where d.classid = 'pg_proc'::regclass and i.classid = d.classid and i.objid = d.objid and i.deptype = 'i')
     order by d.classid, d.objid, used.slug, code or shows and of_trusted desc, d.refclassid, d.refobjid),
  counted as (select use.*, ${numbered("of, slug, code", "classid, objid")} from use)
  select use.slug, use.of, nth, total, code, i.type, i.identity, u.type as "usedType", u.identity as used, use.classid::text, use.objid::text as oid,
         use.used_class::text as "usedClass", use.used_object::text as "usedOid",
         pg_get_userbyid(use.owner)::text as owner, who, used_who as "usedWho",
         coalesce(conname, attname, pubname, case use.used_object when fdwhandler then 'handler' when fdwvalidator then 'validator' end)::text as part,
         t.identity as "table", h.type as "holderType", h.identity as holder,
         c.relkind::text as relkind, c.relispartition as partition,
         child,
         nspname::text as schema, pg_get_userbyid(nspowner)::text as "schemaOwner",
         not has_schema_privilege(use.owner, use.nsp, 'usage') as shut, lacking, able, superuser
    from counted use
    left join pg_constraint on use.classid = 'pg_constraint'::regclass and pg_constraint.oid = use.objid
    left join pg_attrdef on use.classid = 'pg_attrdef'::regclass and pg_attrdef.oid = use.objid
    left join pg_attribute on attrelid = adrelid and attnum = adnum
    left join pg_publication_rel on use.classid = 'pg_publication_rel'::regclass and pg_publication_rel.oid = use.objid
    left join pg_publication on pg_publication.oid = prpubid
    left join pg_foreign_data_wrapper on use.classid = 'pg_foreign_data_wrapper'::regclass and pg_foreign_data_wrapper.oid = use.objid
    left join pg_class c on c.oid = use."table"
    left join pg_namespace n on n.oid = use.nsp
    left join lateral (
      select identity from pg_identify_object(
        case when contypid <> 0 then 'pg_type'::regclass else 'pg_class'::regclass end, coalesce(nullif(contypid, 0), use."table"), 0)) t on true
    left join lateral (
      select type, identity from pg_depend d, pg_identify_object(d.refclassid, d.refobjid, 0)
       where use.classid in ('pg_amproc'::regclass, 'pg_amop'::regclass) and d.classid = use.classid and d.objid = use.objid
         and d.refclassid in ('pg_opclass'::regclass, 'pg_opfamily'::regclass) limit 1) h on true,
         ${identified("use.classid", "use.objid")} i, ${identified("use.used_class", "use.used_object")} u,
         ${acting("array[use.owner, use.used_owner]")} a
   where nth <= ${MOST} and i.identity is not null
   order by use.of, use.slug, i.type, i.identity`;

export interface UseRow extends Numbered {
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
  /** Name of the constraint, of the column with a default, or of the publication; what of a foreign data wrapper it is. */
  readonly part: string | null;
  /** Table, or domain, that it is a part of. */
  readonly table: string | null;
  /** Operator class, or else family, that the part of one stands or falls with. */
  readonly holderType: string | null;
  readonly holder: string | null;
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
