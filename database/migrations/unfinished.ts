/** What an earlier attempt has left of a statement that runs in no transaction. */
import type { Node } from "libpg-query";
import { type Client, escapeIdentifier } from "pg";
import { printable } from "../../domain/printable";
import { concurrentDetach, droppedNames } from "./migration-statements";

/**
 * Whether a statement, which is about to be run, has taken effect already. What an attempt that failed has left, as an index that is not
 * valid, is dropped or finished.
 *
 * @param isResumed Whether an attempt that begun it has died, so that nobody knows.
 * @throws Error when there is an index of the name of the one that is to be made, and no attempt has made it.
 */
export async function hasTakenEffect(client: Client, schema: string, node: Node, isResumed: boolean): Promise<boolean> {
  if ("IndexStmt" in node && node.IndexStmt.idxname) {
    const { idxname, if_not_exists } = node.IndexStmt;
    const valid = await indexValidity(client, schema, idxname);
    if (valid === false) await dropIndex(client, schema, idxname);
    if (valid && !isResumed && !if_not_exists) {
      throw new Error(
        `there is an index ${printable(idxname)} already, which this file has not made: rename it, or drop it`,
      );
    }
    return valid === true && isResumed;
  }
  if ("ReindexStmt" in node) await dropLeftovers(client, schema);
  if ("DropStmt" in node) {
    const [index = ""] = droppedNames(node.DropStmt);
    return isResumed && (await indexValidity(client, schema, index)) === undefined;
  }
  if ("AlterTableStmt" in node) {
    const { relname: table = "" } = node.AlterTableStmt.relation ?? {};
    const { relname: partition = "" } = concurrentDetach(node)?.name ?? {};
    const [found] = await partitions(client, schema, table, partition);
    if (found?.pending) await finishDetaching(client, schema, table, partition);
    return found?.pending ?? isResumed;
  }
  return false;
}

/** undefined where there is no index of that name. */
async function indexValidity(client: Client, schema: string, name: string): Promise<boolean | undefined> {
  const { rows } = await client.query<{ valid: boolean }>(
    `select indisvalid as valid from pg_catalog.pg_index join pg_catalog.pg_class c on c.oid = indexrelid
      where relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1) and relname = $2`,
    [schema, name],
  );
  return rows[0]?.valid;
}

/** `reindex concurrently` builds under names of its own. */
async function dropLeftovers(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select relname::text as name from pg_catalog.pg_index join pg_catalog.pg_class c on c.oid = indexrelid
      where relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1) and not indisvalid and relname ~ '_cc(new|old)[0-9]*$'`,
    [schema],
  );
  for (const { name } of rows) await dropIndex(client, schema, name);
}

async function dropIndex(client: Client, schema: string, name: string): Promise<void> {
  await client.query(`drop index concurrently if exists ${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
}

/** Whether an attempt to detach a partition has ended half-way; empty where it is no partition of that table. */
async function partitions(client: Client, schema: string, table: string, partition: string) {
  const { rows } = await client.query<{ pending: boolean }>(
    `select inhdetachpending as pending
       from pg_catalog.pg_inherits
       join pg_catalog.pg_class p on p.oid = inhparent
       join pg_catalog.pg_class c on c.oid = inhrelid and c.relnamespace = p.relnamespace
      where p.relnamespace = (select oid from pg_catalog.pg_namespace where nspname = $1) and p.relname = $2 and c.relname = $3`,
    [schema, table, partition],
  );
  return rows;
}

async function finishDetaching(client: Client, schema: string, table: string, partition: string): Promise<void> {
  const [from, what] = [table, partition].map((name) => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
  await client.query(`alter table ${from} detach partition ${what} finalize`);
}
