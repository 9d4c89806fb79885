import type { Client } from "pg";
import { type Identified, withRoutineArguments } from "./object-identity";

/** The members of an extension stay: no backup holds them. */
export const OF_AN_EXTENSION = (classid: string, objid: string) =>
  `exists (select from pg_depend e where e.classid = ${classid} and e.objid = ${objid} and e.deptype = 'e')`;

/**
 * What can be dropped of a schema, the oldest first, sequences last. An object of a schema has a normal dependency on it; what belongs to
 * another object (a row type, an index) has none.
 */
export async function objectsIn(client: Client, schema: string): Promise<Identified[]> {
  const { rows } = await client.query<Identified>(
    `select o.type, o.identity, d.objid::text as oid
       from pg_depend d, pg_identify_object(d.classid, d.objid, 0) o
      where d.refclassid = 'pg_namespace'::regclass and d.refobjid = (select oid from pg_namespace where nspname = $1)
        and d.deptype = 'n' and d.classid <> 'pg_extension'::regclass and not ${OF_AN_EXTENSION("d.classid", "d.objid")}
      -- A sequence is dropped with its table.
      order by o.type = 'sequence', d.classid, d.objid`,
    [schema],
  );
  return withRoutineArguments(client, rows);
}
