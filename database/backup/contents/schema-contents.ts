import { join } from "node:path";
import type { Client } from "pg";
import { printable } from "../../../domain/printable";
import { errorMessage } from "../../error-message";
import { SqlFile } from "../../sql-file";
import { withReadingSession } from "../reading-session";
import type { Watch } from "../watch";
import { structureOf } from "./schema-structure";
import { type SequenceValue, sequenceValues } from "./sequence-values";
import { checksumOf } from "./table-rows";

/** What a schema holds, in a form that can be compared with a copy of it in another schema, database or server version. */
export interface SchemaContents {
  /** Every table that holds rows of its own (partitions, not the partitioned table), sorted by name. */
  readonly tables: readonly TableContents[];
  readonly sequences: readonly SequenceValue[];
  /**
   * Everything else that makes up the schema, sorted, one text each without the schema's own name, as
   * `constraint products_sku_key on products: UNIQUE (sku)`. Owners and privileges are no part of it.
   */
  readonly structure: readonly string[];
}

export interface TableContents {
  readonly name: string;
  readonly rows: number;
  /** Does not depend on the order of the rows. Generated columns have no part in it: no backup holds them. */
  readonly checksum: string;
  /** The topmost table above it that is partitioned by hash. */
  readonly hashPartitionOf?: string | undefined;
}

/**
 * Reads what a schema holds, every row of every table included, in a transaction of its own making or the caller's. Runs none of
 * the schema's own code, so it may be called as the admin.
 *
 * @throws Error that names the schema that is not there, or what of it cannot be read.
 */
export function readContents(client: Client, schema: string, watch: Watch = {}): Promise<SchemaContents> {
  return withReadingSession(client, async () => {
    const { rowCount } = await client.query("select from pg_namespace where nspname = $1", [schema]);
    if (!rowCount) throw new Error(`there is no schema ${printable(schema)}`);
    const tables = await readRows(client, schema, await storedTables(client, schema), watch);
    const sequences = await reading("the sequences", schema, sequenceValues(client, schema));
    const structure = await reading("the definitions", schema, structureOf(client, schema));
    return { tables, sequences, structure };
  });
}

/** Reads the rows of some tables, as `readContents` does. */
export function readTables(client: Client, schema: string, tables: readonly StoredTable[]): Promise<TableContents[]> {
  return withReadingSession(client, () => readRows(client, schema, tables, {}));
}

async function readRows(
  client: Client,
  schema: string,
  tables: readonly StoredTable[],
  watch: Watch,
): Promise<TableContents[]> {
  const read: TableContents[] = [];
  let before = 0;
  const onRows = (rows: number) => watch.rows?.(before + rows);
  onRows(0);
  for (const [index, { name, columns, hashPartitionOf }] of tables.entries()) {
    watch.table?.(name, index, tables.length);
    const sum = checksumOf(client, schema, name, columns, onRows);
    const { rows, checksum } = await reading(`table ${name}`, schema, sum);
    read.push({ name, rows, checksum, ...(hashPartitionOf === null ? {} : { hashPartitionOf }) });
    before += rows;
    onRows(0);
  }
  return read;
}

/** What the server says may hold any name that the tenant chose. */
async function reading<T>(what: string, schema: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw new Error(`cannot read ${printable(what)} of ${printable(schema)}: ${errorMessage(error)}`);
  });
}

/** A table that holds rows of its own, and the columns that count. */
export interface StoredTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly hashPartitionOf: string | null;
}

const STORED_TABLES = new SqlFile<StoredTable, "schema">(join(__dirname, "stored-tables.sql"));

export function storedTables(client: Client, schema: string): Promise<StoredTable[]> {
  return STORED_TABLES.rows(client, { schema });
}
