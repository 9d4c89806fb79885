/** What a tenant's schema holds, as far as the server's statistics know without reading a table. Sizes in bytes. */
export interface SchemaSize {
  readonly schema: string;
  readonly total: number;
  readonly tables: number;
  readonly indexes: number;
  readonly toast: number;
  /** Tables, partitions and materialised views. */
  readonly tableCount: number;
  /** Estimates. */
  readonly rows: number;
  readonly deadRows: number;
  /** The newest of all its tables. */
  readonly lastVacuum: Maintenance | null;
  readonly lastAnalyze: Maintenance | null;
  /** Tables that are not in the sizes, because somebody holds or awaits an exclusive lock on them. */
  readonly lockedTables: number;
  readonly biggest: readonly TableSize[];
}

export interface Maintenance {
  /** ISO 8601. */
  readonly at: string;
  /** Whether autovacuum did it. */
  readonly auto: boolean;
}

export type TableSize = Pick<
  SchemaSize,
  "schema" | "total" | "tables" | "indexes" | "toast" | "rows" | "deadRows" | "lastVacuum" | "lastAnalyze"
> & { readonly table: string };

/** A schema that could not be measured, with the reason. */
export interface Unmeasured {
  readonly schema: string;
  readonly reason: string;
}
