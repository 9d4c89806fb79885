/** What a schema holds that this program did not put there. */
import { type ClientBase, escapeIdentifier, escapeLiteral } from "pg";
import { LISTED, printableList } from "../domain/printable";
import { initialisedWith, withoutMarker } from "./schema-marker";

/** Characters of a comment that are looked at. The tenant may write any number. */
export const COMMENT_LENGTH = 10_000;

/** The comment of a schema, with null for none; undefined when there is no such schema. */
export async function schemaComment(client: ClientBase, schema: string): Promise<string | null | undefined> {
  const { rows } = await client.query<{ comment: string | null }>(schemaCommentQuery(schema));
  return rows[0]?.comment;
}

/** The same as a statement, for one message with others. */
export function schemaCommentQuery(schema: string): string {
  return `select left(obj_description(oid, 'pg_namespace'), ${COMMENT_LENGTH}) as comment from pg_namespace where nspname = ${escapeLiteral(schema)}`;
}

/** What its owner has written into the comment of a schema, without the program's marker; null for nothing. */
export async function ownComment(client: ClientBase, schema: string): Promise<string | null> {
  return withoutMarker((await schemaComment(client, schema)) ?? null);
}

export async function writeSchemaComment(client: ClientBase, schema: string, comment: string | null): Promise<void> {
  const text = comment === null ? "null" : escapeLiteral(comment);
  await client.query(`comment on schema ${escapeIdentifier(schema)} is ${text}`);
}

/** Writes what `change` makes of the comment of a schema, where that is something else. */
export async function changeSchemaComment(
  client: ClientBase,
  schema: string,
  change: (comment: string | null) => string,
): Promise<void> {
  const comment = (await schemaComment(client, schema)) ?? null;
  const changed = change(comment);
  if (changed !== comment) await writeSchemaComment(client, schema, changed);
}

/**
 * Names what a schema holds that this program did not put there, fit for a message. Undefined when the schema is missing or empty,
 * or carries the program's marker.
 */
export async function foreignObjects(client: ClientBase, schema: string): Promise<string | undefined> {
  const comment = await schemaComment(client, schema);
  if (comment === undefined || initialisedWith(comment) !== undefined) return undefined;
  // Whatever lives in a schema, of any kind and any owner, depends on it normally; what comes with another object
  // (a row type, an index, a constraint) depends on that object instead.
  const { rows } = await client.query<{ object: string; total: number }>(
    `select pg_describe_object(classid, objid, objsubid) as object, total from (
       select classid, objid, objsubid, count(*) over ()::integer as total from pg_depend
        where refclassid = 'pg_namespace'::regclass and refobjid = quote_ident($1)::regnamespace and deptype = 'n'
        order by objid limit $2) as first
      order by 1`,
    [schema, LISTED],
  );
  const [first] = rows;
  if (first === undefined) return undefined;
  const names = rows.map(({ object }) => object);
  return printableList(names, first.total);
}

/**
 * Refuses a schema that holds anything which this program did not put there: a removal of the tenant would drop it with all that
 * is in it.
 */
export async function refuseForeignObjects(client: ClientBase, schema: string, tenant: string): Promise<void> {
  const objects = await foreignObjects(client, schema);
  if (objects === undefined) return;
  throw new Error(
    `schema ${schema} already holds ${objects}, which this program did not create. ` +
      `If they are tenant ${tenant}'s own, set 'adopt: true' in its file; otherwise give the tenant another slug, or move them out of the way`,
  );
}
