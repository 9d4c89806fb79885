import { type Client, escapeIdentifier } from "pg";
import { dependentsOutside } from "../../database/backup/beyond-schema";
import { lockTable } from "../../database/backup/lock-tables";
import { errorMessage } from "../../database/error-message";
import { ownComment, writeSchemaComment } from "../../database/foreign-objects";
import { LEDGER } from "../../database/migrations/ledger-table";
import { alterKeyword } from "../../database/object-identity";
import { OF_AN_EXTENSION, objectsIn } from "../../database/schema-objects";
import { withTransaction } from "../../database/transaction";
import { printable, printableList } from "../../domain/printable";

/** The role's own limit is meant for its backend's queries. */
const STATEMENT_TIMEOUT = "10min";

/** A transaction of a working backend ends soon; waiting longer for an idle one is of no use. */
const LOCK_TIMEOUT = "5s";

/**
 * The tables of a schema that hold rows of their own, but for the ledger of migrations.
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
 * Drops all that is in a schema, and takes the program's marker from its comment; all or nothing. From the moment that the tables are
 * looked at, nobody can write a row.
 *
 * @param client A session of the schema's owner.
 * @param own What its owner has written into the comment of the schema whose backup comes next: null leaves what is there.
 * @param rows What becomes of rows that tables hold.
 * @throws Error when a table holds a row that is kept or is in use, or something outside would be dropped along. Nothing was changed then.
 */
export async function clearSchema(
  client: Client,
  schema: string,
  own: string | null = null,
  rows: "kept" | "dropped" = "kept",
): Promise<void> {
  await withTransaction(client, async () => {
    await limitSession(client);
    // Listed before the locks: what is created from here on is not dropped, so that no table is dropped unseen.
    const objects = await objectsIn(client, schema);
    await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
    for (const table of await tablesIn(client, schema, ["r", "p"])) {
      await lockTable(client, schema, table, "access exclusive");
    }
    const tables = rows === "dropped" ? [] : await filled(client, schema);
    if (tables.length > 0) {
      throw new Error(`${schema} is no longer empty: rows have arrived meanwhile in ${printableList(tables)}`);
    }
    const outside = (await dependentsOutside(client, schema)).map(({ description }) => description);
    if (outside.length > 0) {
      throw new Error(
        `${printableList(outside)} outside ${schema} would be dropped along with what is in it: drop it, or remove its dependency`,
      );
    }
    for (const { type, identity } of objects) {
      await client.query(`drop ${alterKeyword(type)} if exists ${identity} cascade`);
    }
    await writeSchemaComment(client, schema, own ?? (await ownComment(client, schema)));
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
    if (table === LEDGER) continue;
    const name = `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
    const { rows } = await client
      .query<{ filled: boolean }>(`select exists (select from only ${name}) as filled`)
      .catch((error: unknown) => {
        throw new Error(`cannot tell whether table ${printable(table)} of ${schema} is empty: ${errorMessage(error)}`);
      });
    if (rows[0]?.filled) found.push(table);
  }
  return found;
}
