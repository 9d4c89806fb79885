import { escapeLiteral } from "pg";
import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { type Acting, acting, onBehalf } from "./remedies";
import { type Scene, WHO } from "./scene";

const LARGE_OBJECTS = `
  with ${WHO},
  kept as (
    select tenant.name, role, min(objid)::text as first, count(*)::integer as number
      from tenant join pg_shdepend on refclassid = 'pg_authid'::regclass and refobjid = role and deptype = 'o'
     where classid = 'pg_largeobject'::regclass and dbid = (select oid from pg_database where datname = current_database())
     group by 1, 2)
  select name as tenant, first, number, lacking, able, superuser from kept, ${acting("array[role]")} a order by 1`;

interface KeptRow extends Omit<Acting, "adminUser"> {
  readonly tenant: string;
  readonly first: string;
  readonly number: number;
}

/** Large objects are in no schema, so no wall of a schema's holds them, and no backup. There may be millions. */
export async function ownedLargeObjects(scene: Scene): Promise<Leak[]> {
  const { adminUser } = scene.ground;
  return (await scene.rows<KeptRow>(LARGE_OBJECTS)).map((row) => ({
    check: "ownership" as const,
    role: row.tenant,
    victim: undefined,
    object: row.number === 1 ? `large object ${row.first}` : `large object ${row.first} and ${row.number - 1} more`,
    statement: `select oid from pg_largeobject_metadata where lomowner = ${escapeLiteral(quoted(row.tenant))}::regrole`,
    closes: onBehalf(handOver(row.tenant, adminUser), { ...row, adminUser }),
    hint: "before they are given to the admin, let the tenant keep what it needs of them in a table of its own (bytea)",
  }));
}

/** All of them, in the one form that takes an oid from a query. */
function handOver(tenant: string, adminUser: string): string {
  const each =
    `select format('alter large object %s owner to %I', oid, ${escapeLiteral(adminUser)}) from pg_largeobject_metadata ` +
    `where lomowner = ${escapeLiteral(quoted(tenant))}::regrole`;
  return `do ${escapeLiteral(`declare change text; begin for change in ${each} loop execute change; end loop; end`)}`;
}
