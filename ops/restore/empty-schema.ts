import { type Client, DatabaseError, escapeIdentifier, escapeLiteral } from "pg";
import { dependentsOutside } from "../../database/backup/beyond-schema";
import { schemaComment } from "../../database/foreign-objects";
import { identified } from "../../database/object-identity";
import { withoutMarker } from "../../database/schema-marker";
import { withTransaction } from "../../database/transaction";
import { printable } from "../../domain/printable";

/** How many objects a refusal names; the rest are counted. */
const NAMED = 5;

/** The tenant's role has a limit that is made for its backend's queries. */
const STATEMENT_TIMEOUT = "10min";

/** A backend that works goes from one transaction to the next; for one that does not, there is no use in waiting. */
const LOCK_TIMEOUT = "5s";

const LOCK_NOT_AVAILABLE = "55P03";

/** What an extension brought along stays with it: no backup holds it. */
const OF_AN_EXTENSION = (classid: string, objid: string) =>
  `exists (select from pg_depend e where e.classid = ${classid} and e.objid = ${objid} and e.deptype = 'e')`;

/**
 * The tables of a schema that hold rows of their own.
 *
 * @param client A session of the schema's owner: planning a query runs the owner's code, if only of an index's predicate.
 */
export async function tablesWithRows(client: Client, schema: string): Promise<string[]> {
  const look = async () => {
    await limitSession(client);
    return filled(client, schema);
  };
  return withTransaction(client, look, { rollBack: true });
}

/**
 * Drops all that is in an empty schema, and takes the program's marker from its comment; all or nothing. From the moment that no
 * table is found to hold a row, nobody can write one.
 *
 * @param client A session of the schema's owner.
 * @throws Error when a table holds a row or is in use, or something outside would be dropped along. Nothing was changed then.
 */
export async function clearSchema(client: Client, schema: string): Promise<void> {
  await withTransaction(client, async () => {
    await limitSession(client);
    // Listed before the locks: what is made from here on is not dropped, so that a table is never dropped unseen.
    const objects = await objectsIn(client, schema);
    await lockTables(client, schema);
    const tables = await filled(client, schema);
    if (tables.length > 0) throw new Error(`${schema} is not empty any more: ${named(tables)} got rows meanwhile`);
    const outside = (await dependentsOutside(client, schema)).map(({ description }) => description);
    if (outside.length > 0) {
      throw new Error(
        `${named(outside)} outside ${schema} would be dropped along with what is in it: drop it, or remove its dependency`,
      );
    }
    for (const { type, identity } of objects) {
      await client.query(`drop ${keyword(type)} if exists ${identity} cascade`);
    }
    const comment = withoutMarker((await schemaComment(client, schema)) ?? null);
    const text = comment === null ? "null" : escapeLiteral(comment);
    await client.query(`comment on schema ${escapeIdentifier(schema)} is ${text}`);
  });
}

/** A policy that hides rows makes a query fail, instead of making a table look empty. */
async function limitSession(client: Client): Promise<void> {
  await client.query(`set local statement_timeout = '${STATEMENT_TIMEOUT}'; set local row_security = off`);
}

async function tablesIn(client: Client, schema: string, kinds: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select relname::text as name from pg_class c
      where relnamespace = (select oid from pg_namespace where nspname = $1) and relkind = any ($2) and relpersistence <> 't'
        and not ${OF_AN_EXTENSION("'pg_class'::regclass", "c.oid")}
      order by relname`,
    [schema, kinds],
  );
  return rows.map(({ name }) => name);
}

async function filled(client: Client, schema: string): Promise<string[]> {
  const found: string[] = [];
  for (const table of await tablesIn(client, schema, ["r"])) {
    const { rows } = await client
      .query<{ filled: boolean }>(`select exists (select from only ${qualified(schema, table)}) as filled`)
      .catch((error: Error) => {
        throw new Error(
          `whether table ${printable(table)} of ${schema} is empty cannot be told: ${printable(error.message)}`,
        );
      });
    if (rows[0]?.filled) found.push(table);
  }
  return found;
}

async function lockTables(client: Client, schema: string): Promise<void> {
  await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
  for (const table of await tablesIn(client, schema, ["r", "p"])) {
    await client
      .query(`lock table only ${qualified(schema, table)} in access exclusive mode`)
      .catch((error: unknown) => {
        if (!(error instanceof DatabaseError) || error.code !== LOCK_NOT_AVAILABLE) throw error;
        throw new Error(`table ${printable(table)} of ${schema} is in use: stop the tenant's backend`);
      });
  }
}

interface SchemaObject {
  readonly type: string;
  /** Qualified and quoted by the server. */
  readonly identity: string;
}

/** Whatever lives in a schema depends on it normally; what comes with another object (a row type, an index) does not. */
async function objectsIn(client: Client, schema: string): Promise<SchemaObject[]> {
  const { rows } = await client.query<SchemaObject>(
    `select o.type, o.identity
       from pg_depend d, ${identified("d.classid", "d.objid")} o
      where d.refclassid = 'pg_namespace'::regclass and d.refobjid = (select oid from pg_namespace where nspname = $1)
        and d.deptype = 'n' and d.classid <> 'pg_extension'::regclass and not ${OF_AN_EXTENSION("d.classid", "d.objid")}
      -- A sequence goes with its table.
      order by o.type = 'sequence', d.classid, d.objid`,
    [schema],
  );
  return rows;
}

/** The word that `drop` takes for what the catalog calls a kind of object. */
function keyword(type: string): string {
  if (/^(function|procedure|aggregate)$/.test(type)) return "routine";
  return type === "statistics object" ? "statistics" : type;
}

/** Names for a message. */
export function named(names: readonly string[]): string {
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return `${names.slice(0, NAMED).map(printable).join(", ")}${more}`;
}

function qualified(schema: string, table: string): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}
