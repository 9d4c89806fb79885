import type { Client } from "pg";
import { counted } from "../../../domain/counted";
import { printable } from "../../../domain/printable";
import { errorMessage } from "../../error-message";
import { withReadingSession } from "../reading-session";
import { meaning, structureOf } from "./schema-structure";
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
}

/**
 * Reads what a schema holds, every row of every table included, in a transaction of its own making or the caller's. Runs none of
 * the schema's own code, so it may be called as the admin.
 *
 * @param onTable Told before each table.
 * @throws Error that names the schema that is not there, or what of it cannot be read.
 */
export function readContents(
  client: Client,
  schema: string,
  onTable: (table: string, index: number, total: number) => void = () => {},
): Promise<SchemaContents> {
  return withReadingSession(client, async () => {
    const { rowCount } = await client.query("select from pg_namespace where nspname = $1", [schema]);
    if (!rowCount) throw new Error(`there is no schema ${printable(schema)}`);
    const tables = await readRows(client, schema, await storedTables(client, schema), onTable);
    const sequences = await reading("the sequences", schema, sequenceValues(client, schema));
    const structure = await reading("the definitions", schema, structureOf(client, schema));
    return { tables, sequences, structure };
  });
}

/** Reads the rows of some tables, as `readContents` does. */
export function readTables(client: Client, schema: string, tables: readonly StoredTable[]): Promise<TableContents[]> {
  return withReadingSession(client, () => readRows(client, schema, tables, () => {}));
}

async function readRows(
  client: Client,
  schema: string,
  tables: readonly StoredTable[],
  onTable: (table: string, index: number, total: number) => void,
): Promise<TableContents[]> {
  const read: TableContents[] = [];
  for (const [index, { name, columns }] of tables.entries()) {
    onTable(name, index, tables.length);
    const { rows, checksum } = await reading(`table ${name}`, schema, checksumOf(client, schema, name, columns));
    read.push({ name, rows, checksum });
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
}

export async function storedTables(client: Client, schema: string): Promise<StoredTable[]> {
  const { rows } = await client.query<StoredTable>(
    `select relname::text as name, array(
       select attname::text from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = ''
        order by attname) as columns
       from pg_class c
      where relnamespace = (select oid from pg_namespace where nspname = $1) and relkind = 'r' and relpersistence <> 't'
        -- A table that an extension made is the extension's to fill.
        and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
      order by relname`,
    [schema],
  );
  return rows;
}

/** Something that one schema holds and the other does not, or that both hold and that differs: in one line, not yet printable. */
type Difference = { readonly missing: string } | { readonly changed: string };

/** How `found` differs from `expected`, each in one line; empty when it does not. Objects that `expected` lacks do not count. */
export function differences(expected: SchemaContents, found: SchemaContents): string[] {
  return compared(expected, found).map((one) => printable("missing" in one ? `missing: ${one.missing}` : one.changed));
}

/** What `found` holds and `expected` does not, each in one line. */
export function additions(expected: SchemaContents, found: SchemaContents): string[] {
  return compared(found, expected).flatMap((one) => ("missing" in one ? [printable(one.missing)] : []));
}

function compared(expected: SchemaContents, found: SchemaContents): Difference[] {
  const tables = byName(found.tables);
  const sequences = byName(found.sequences);
  return [
    ...expected.tables.flatMap((table) => tableDifference(table, tables.get(table.name))),
    ...expected.sequences.flatMap((sequence) => sequenceDifference(sequence, sequences.get(sequence.name))),
    ...structureDifferences(expected.structure, found.structure),
  ];
}

function byName<T extends { readonly name: string }>(things: readonly T[]): Map<string, T> {
  return new Map(things.map((thing) => [thing.name, thing]));
}

function tableDifference(expected: TableContents, found: TableContents | undefined): Difference[] {
  const { name, rows, checksum } = expected;
  if (found === undefined) return [{ missing: `table ${name} with ${counted(rows, "row")}` }];
  if (found.rows !== rows) return [{ changed: `table ${name}: ${counted(found.rows, "row")} instead of ${rows}` }];
  return found.checksum === checksum ? [] : [{ changed: `table ${name}: other content (checksum)` }];
}

function sequenceDifference(expected: SequenceValue, found: SequenceValue | undefined): Difference[] {
  const { name, lastValue, isCalled } = expected;
  if (found === undefined) return [{ missing: `sequence ${name} at ${lastValue}` }];
  if (found.lastValue !== lastValue) {
    return [{ changed: `sequence ${name}: ${found.lastValue} instead of ${lastValue}` }];
  }
  if (found.isCalled === isCalled) return [];
  return [{ changed: `sequence ${name}: ${lastValue} ${isCalled ? "is still to be given out" : "was given out"}` }];
}

function structureDifferences(expected: readonly string[], found: readonly string[]): Difference[] {
  const meanings = new Set(found.map(meaning));
  return expected
    .filter((text) => !meanings.has(meaning(text)))
    .map((text) => ({ missing: text.replace(/\s+/g, " ").trim() }));
}
