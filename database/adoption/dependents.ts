import type { Client } from "pg";
import { dependentsOutside } from "../backup/beyond-schema";
import { identified } from "../object-identity";
import type { Difference, HandMade } from "./difference";

/**
 * The objects of some descriptions, each with its owner, or else the owner of the table that it belongs to. A description that fits
 * two of them is left out. The server keeps no record of what its own superuser owns.
 */
const DESCRIBED = `
  with object as (
    select distinct classid, objid, pg_describe_object(classid, objid, objsubid) as description from pg_depend
     where pg_describe_object(classid, objid, objsubid) = any ($1)),
  placed as (
    select object.*, coalesce(tgrelid, ev_class, polrelid, nullif(conrelid, 0), adrelid) as "table"
      from object
      left join pg_trigger t on classid = 'pg_trigger'::regclass and objid = t.oid
      left join pg_rewrite r on classid = 'pg_rewrite'::regclass and objid = r.oid
      left join pg_policy p on classid = 'pg_policy'::regclass and objid = p.oid
      left join pg_constraint c on classid = 'pg_constraint'::regclass and objid = c.oid
      left join pg_attrdef a on classid = 'pg_attrdef'::regclass and objid = a.oid)
  select min(description) as description, min(i.type) as type, min(i.identity) as identity,
         min(pg_get_userbyid(o.refobjid)::text) as owner,
         bool_or(exists (select from pg_depend e
           where e.classid = placed.classid and e.objid = placed.objid and e.deptype = 'e')) as "ofExtension"
    from placed
    left join pg_shdepend o
      on o.dbid = (select oid from pg_database where datname = current_database()) and o.deptype = 'o'
     and o.classid = case when "table" is null then placed.classid else 'pg_class'::regclass end
     and o.objid = coalesce("table", placed.objid),
         ${identified("placed.classid", "placed.objid")} i
   group by placed.description having count(*) = 1`;

interface Described {
  readonly description: string;
  readonly type: string;
  readonly identity: string;
  readonly owner: string | null;
  readonly ofExtension: boolean;
}

/**
 * Something outside uses what is in the schema: another tenant's table may run the tenant's code, and would lose it with the tenant.
 * Left out is what belongs to the role, which moves into the schema, and what belongs to an extension, which stays with that.
 */
export async function dependentDifferences(admin: Client, { role, schema }: HandMade): Promise<Difference[]> {
  const dependents = await dependentsOutside(admin, schema);
  if (dependents.length === 0) return [];
  const { rows } = await admin.query<Described>(DESCRIBED, [dependents]);
  const known = new Map(rows.map((row) => [row.description, row]));
  return dependents
    .map((description) => ({ description, object: known.get(description) }))
    .filter(({ object }) => object?.owner !== role && !object?.ofExtension)
    .map(({ description, object }) => difference(description, schema, object));
}

function difference(description: string, schema: string, object: Described | undefined): Difference {
  const what = `${description.replace(/^rule _RETURN on /, "")} is outside ${schema}, and uses what is in it`;
  const statement = object && removal(object);
  return statement === undefined
    ? { what: `${what}: look at it, and drop it or cut it loose`, statement, as: [] }
    : { what, statement, as: object?.owner ? [object.owner] : [] };
}

/** Kinds that hold no rows, by the word that `drop` takes for them. */
const REMOVABLE: Readonly<Record<string, string>> = {
  ...{ trigger: "trigger", rule: "rule", policy: "policy", index: "index", cast: "cast", operator: "operator" },
  ...{ function: "routine", procedure: "routine", aggregate: "routine", "statistics object": "statistics" },
};

const QUERY_OF = '"_RETURN" on ';

/** `if exists`: what belongs to another that was dropped before is gone with it. */
function removal({ description, type, identity }: Described): string | undefined {
  const keyword = REMOVABLE[type];
  if (keyword === undefined) return undefined;
  if (type !== "rule" || !identity.startsWith(QUERY_OF)) return `drop ${keyword} if exists ${identity}`;
  // A materialized view holds rows.
  return description.startsWith("rule _RETURN on view ")
    ? `drop view if exists ${identity.slice(QUERY_OF.length)}`
    : undefined;
}
