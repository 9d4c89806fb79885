import type { Client } from "pg";
import { initialisedWith } from "./schema-marker";

/** How many objects a refusal names; the rest are counted. */
const NAMED = 5;

/** The comment of a schema, with null for none; undefined when there is no such schema. */
export async function schemaComment(client: Client, schema: string): Promise<string | null | undefined> {
  const { rows } = await client.query<{ comment: string | null }>(
    "select obj_description(oid, 'pg_namespace') as comment from pg_namespace where nspname = $1",
    [schema],
  );
  return rows[0]?.comment;
}

/**
 * Refuses a schema that holds anything which this program did not put there: the provider adopts an existing schema
 * without a word, and a removal of the tenant would drop it with all that is in it. Empty or missing schemas pass, and so
 * does one that carries the program's marker.
 */
export async function refuseForeignObjects(client: Client, schema: string, tenant: string): Promise<void> {
  const comment = await schemaComment(client, schema);
  if (comment === undefined || initialisedWith(comment) !== undefined) return;
  // Whatever lives in a schema, of any kind and any owner, depends on it normally; what comes with another object
  // (a row type, an index, a constraint) depends on that object instead.
  const { rows } = await client.query<{ object: string }>(
    `select pg_describe_object(classid, objid, objsubid) as object from pg_depend
      where refclassid = 'pg_namespace'::regclass and refobjid = quote_ident($1)::regnamespace and deptype = 'n'
      order by 1`,
    [schema],
  );
  if (rows.length === 0) return;
  const named = rows.slice(0, NAMED).map((row) => row.object);
  const more = rows.length > NAMED ? ` and ${rows.length - NAMED} more` : "";
  throw new Error(
    `schema ${schema} already holds ${named.join(", ")}${more}, which this program did not create. ` +
      `If they are tenant ${tenant}'s own, say 'adopt: true' in its file; else give the tenant another slug, or move them out of the way`,
  );
}
