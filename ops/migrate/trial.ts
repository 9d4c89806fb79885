/** What came out of running a tenant's pending migrations on a copy of its data. */
export interface Trial {
  readonly tenant: string;
  readonly outcome: "passed" | "failed" | "nothing to run";
  /** The last migration that the tenant has run; null before the first. */
  readonly at: string | null;
  /** Of the copying; null where nothing was copied. */
  readonly copyMilliseconds: number | null;
  /** The files that were begun, in their order. */
  readonly files: readonly TriedFile[];
  /** Why the tenant failed: one line, fit for a terminal, without a value of its rows. */
  readonly error: string | null;
}

export interface TriedFile {
  /** For example `0007_add_tax`. */
  readonly name: string;
  /** Of its statements alone. */
  readonly milliseconds: number;
  /** Rows that its statements inserted, changed or deleted, by the server's counts. */
  readonly rows: number;
  /** What it did to tables that were there before, by name. */
  readonly tables: readonly TouchedTable[];
  /** Lines of statements whose locks nobody can see: those that end transactions themselves. */
  readonly unseen: readonly number[];
}

export interface TouchedTable {
  readonly table: string;
  /** The strongest lock that was held on it. */
  readonly lock: LockMode;
  /** What nobody else can do with it while that lock is held; null for nothing. */
  readonly blocks: "reads and writes" | "writes" | null;
  /** Line of the file whose statement took that lock. */
  readonly line: number;
  /** From the beginning of that statement until the file's last one, or until its own end where there is no transaction. */
  readonly milliseconds: number;
  /** Whether all of its rows were written anew. */
  readonly rewritten: boolean;
  readonly dropped: boolean;
}

export type LockMode =
  | "ACCESS SHARE"
  | "ROW SHARE"
  | "ROW EXCLUSIVE"
  | "SHARE UPDATE EXCLUSIVE"
  | "SHARE"
  | "SHARE ROW EXCLUSIVE"
  | "EXCLUSIVE"
  | "ACCESS EXCLUSIVE";
