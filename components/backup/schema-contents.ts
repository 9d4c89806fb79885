/** What a schema holds, in a form that can be compared with a copy of it in another schema, database or server version. */
export interface SchemaContents {
  /** Every table that holds rows of its own (partitions, not the partitioned table), sorted by name. */
  readonly tables: readonly TableContents[];
  readonly sequences: readonly SequenceValue[];
  /**
   * Everything else that makes up the schema, sorted, one text each without the schema's own name, as
   * `constraint products_sku_key on products: UNIQUE (sku)`.
   */
  readonly structure: readonly string[];
}

export interface TableContents {
  readonly name: string;
  readonly rows: number;
  /** Does not depend on the order of the rows. */
  readonly checksum: string;
}

export interface SequenceValue {
  readonly name: string;
  readonly lastValue: string;
  /** Whether `lastValue` has been given out. */
  readonly isCalled: boolean;
}

/**
 * Reads what a schema holds, every row of every table included, in a transaction of its own making or the caller's. Runs none of
 * the schema's own code, so it may be called as the admin.
 *
 * @param onTable Told before each table.
 */
export declare function readContents(
  client: import("pg").Client,
  schema: string,
  onTable?: (table: string, index: number, total: number) => void,
): Promise<SchemaContents>;

/** How `found` differs from `expected`, each in one line; empty when it does not. Objects that `expected` lacks do not count. */
export declare function differences(expected: SchemaContents, found: SchemaContents): string[];
