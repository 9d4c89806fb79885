/** No migration tool uses this name, so the tenant's own can work in the schema too. */
export const LEDGER = "b2b_tenants_migrations";

/** SQLSTATE of a row that is there already: another session has noted a migration. */
export const UNIQUE_VIOLATION = "23505";

/** One row of the ledger. */
export interface LedgerRow {
  /** 0 is `sql/tenant_init.sql`. */
  readonly number: number;
  readonly name: string;
  /** Of the file; while it is not done, of the statements that are. */
  readonly sha256: string;
  /** Whether all of the file has been run. */
  readonly done: boolean;
  /** Of a file without transaction that is not done: how many of its statements are. */
  readonly finished: number;
  /** The same of those that were begun: one more while one may have taken effect or not. */
  readonly begun: number;
}

/** What has the ledger's name. */
export interface Found {
  readonly kind: string;
  readonly own: boolean;
  /** Whether using it would run code of the tenant's. */
  readonly code: boolean;
}

/** The columns of the table. */
export const columns = `
  number integer primary key,
  name text not null,
  sha256 text not null,
  applied_at timestamptz,
  milliseconds bigint,
  finished integer,
  begun integer,
  pid integer,
  pid_since timestamptz`;
