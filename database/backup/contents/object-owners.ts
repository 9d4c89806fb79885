import type { Client } from "pg";
import { printable } from "../../../domain/printable";

/**
 * The objects of a schema that belong to somebody else than `role`, each with its owner, for example `table orders of postgres`; fit for a
 * terminal. What comes with another object (an index, a row type, a range's constructors) goes with that one.
 */
export async function ownersOf(client: Client, schema: string, role: string): Promise<string[]> {
  // The server keeps no record of what its own superuser owns.
  const { rows } = await client.query<{ object: string; owner: string | null }>(
    `select pg_describe_object(d.classid, d.objid, 0) as object, rolname::text as owner
       from pg_depend d
       left join pg_shdepend s on s.classid = d.classid and s.objid = d.objid and s.objsubid = 0 and s.deptype = 'o'
        and s.dbid = (select oid from pg_database where datname = current_database())
       left join pg_roles r on r.oid = s.refobjid
      where d.refclassid = 'pg_namespace'::regclass and d.refobjid = (select oid from pg_namespace where nspname = $1)
        and d.deptype = 'n' and rolname is distinct from $2
        and not exists (select from pg_depend i where i.classid = d.classid and i.objid = d.objid and i.deptype = 'i')
      order by 1`,
    [schema, role],
  );
  return rows.map(({ object, owner }) => printable(`${object} of ${owner ?? "the server's superuser"}`));
}
