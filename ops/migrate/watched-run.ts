/** Watches migrations from inside their session: how long they take, and what they do to the tables that are there. */
import { join } from "node:path";
import type { Client, QueryResult } from "pg";
import type { FileRun } from "../../database/migrations/file-run";
import { LEDGER } from "../../database/migrations/ledger-table";
import { standsAlone } from "../../database/migrations/migration-statements";
import { SqlFile } from "../../database/sql-file";
import type { SqlStatement } from "../../database/sql-statements";
import { knownLocks } from "./known-locks";
import { blocks, isStronger, strongest } from "./table-locks";
import type { LockMode, TouchedTable, TriedFile } from "./trial";

interface TableRow {
  readonly id: string;
  readonly name: string;
  /** Another number where the table was rewritten. */
  readonly file: string;
  readonly modes: readonly string[];
  readonly indexes: readonly string[];
}

const TABLES = new SqlFile<TableRow, "schema" | "except">(join(__dirname, "table-locks.sql"));

/** A lock as it was first seen. */
interface Seen {
  readonly mode: LockMode;
  readonly line: number;
  /** Milliseconds of the file at which its statement began. */
  readonly since: number;
  /** The same of its end; undefined while it is held. */
  readonly until: number | undefined;
}

export class WatchedRun {
  private readonly watched: WatchedFile[] = [];
  /** The statement that failed last. */
  failed: { readonly run: FileRun; readonly statement: SqlStatement; readonly error: unknown } | undefined;

  /** @param tell Told of each statement before it is carried out. */
  constructor(private readonly tell: (what: string) => void) {}

  /** For `migrate`. */
  readonly carryOut = async (run: FileRun, statement: SqlStatement): Promise<void> => {
    const isFirst = statement === run.statements[0];
    let last = this.watched.at(-1);
    if (last === undefined || last.name !== run.file.name || isFirst) {
      // One that failed for a lock begins anew.
      if (last?.name === run.file.name) this.watched.pop();
      last = new WatchedFile(run.file.name, await tablesOf(run));
      this.watched.push(last);
    }
    const { file, statements } = run;
    this.tell(`${file.name}: statement ${statements.indexOf(statement) + 1} of ${statements.length}`);
    await last.carryOut(run, statement).catch((error: unknown) => {
      this.failed = { run, statement, error };
      throw error;
    });
  };

  get files(): TriedFile[] {
    return this.watched.map((file) => file.result());
  }
}

class WatchedFile {
  private readonly seen = new Map<string, Seen>();
  private readonly unseen: number[] = [];
  private milliseconds = 0;
  private rows = 0;
  private after: readonly TableRow[];

  constructor(
    readonly name: string,
    private readonly before: readonly TableRow[],
  ) {
    this.after = before;
  }

  async carryOut(run: FileRun, statement: SqlStatement): Promise<void> {
    const { client, file } = run;
    const [line, began] = [statement.line, this.milliseconds];
    const start = performance.now();
    try {
      this.rows += changedRows(await client.query(statement.text), statement);
    } finally {
      this.milliseconds += performance.now() - start;
    }
    this.after = await tablesOf(run);
    if (file.transactional || !standsAlone(statement.node)) {
      const until = file.transactional ? undefined : this.milliseconds;
      for (const { id, mode } of this.held()) this.note(id, { mode, line, since: began, until });
      return;
    }
    const known = knownLocks(statement.node);
    if (known === undefined) this.unseen.push(line);
    for (const { name, mode } of known ?? []) {
      const tables = this.before.filter((one) => name === undefined || one.name === name || one.indexes.includes(name));
      for (const { id } of tables) this.note(id, { mode, line, since: began, until: this.milliseconds });
    }
  }

  /** The locks on tables that were there before. Of one that is no longer there, the strongest. */
  private held(): { id: string; mode: LockMode }[] {
    const now = new Map(this.after.map(({ id, modes }) => [id, strongest(modes)]));
    return this.before.flatMap(({ id }) => {
      const mode = now.has(id) ? now.get(id) : "ACCESS EXCLUSIVE";
      return mode === undefined ? [] : [{ id, mode }];
    });
  }

  private note(id: string, lock: Seen): void {
    if (isStronger(lock.mode, this.seen.get(id)?.mode)) this.seen.set(id, lock);
  }

  result(): TriedFile {
    const now = new Map(this.after.map(({ id, file }) => [id, file]));
    const tables = this.before.flatMap(({ id, name, file }): TouchedTable[] => {
      const lock = this.seen.get(id);
      const dropped = !now.has(id);
      const rewritten = !dropped && now.get(id) !== file;
      if (lock === undefined) return [];
      const { mode, line, since, until = this.milliseconds } = lock;
      const milliseconds = until - since;
      return [{ table: name, lock: mode, blocks: blocks(mode) ?? null, line, milliseconds, rewritten, dropped }];
    });
    const { name, milliseconds, rows, unseen } = this;
    return { name, milliseconds, rows, tables, unseen };
  }
}

function tablesOf({ client, target }: FileRun): Promise<TableRow[]> {
  return TABLES.rows(client as Client, { schema: target.schema, except: LEDGER });
}

/** A select's count is of rows that were read. */
function changedRows({ rowCount, command }: QueryResult, { node }: SqlStatement): number {
  return command === "SELECT" && "SelectStmt" in node ? 0 : (rowCount ?? 0);
}
