/** The table in a tenant's own schema that says which migrations it has behind it; it is backed up and restored with the data. */
import { type ClientBase, escapeIdentifier, escapeLiteral, type QueryResult } from "pg";
import { errorMessage } from "../error-message";
import { schemaCommentQuery, writeSchemaComment } from "../foreign-objects";
import type { InitScript } from "../init-script";
import { type MigratedTo, withMigratedTo } from "../schema-marker";
import { columns, type Found, LEDGER, type LedgerRow } from "./ledger-table";
import { chainHash, MAX_FILES, MAX_NAME_LENGTH, type MigrationFile } from "./migration-files";

/** The ledger of a schema. All of it runs as the schema's owner. */
export class Ledger {
  private readonly table: string;

  constructor(
    private readonly client: ClientBase,
    private readonly schema: string,
  ) {
    this.table = `${escapeIdentifier(schema)}.${escapeIdentifier(LEDGER)}`;
  }

  /**
   * What is in the ledger, in the order of the numbers; undefined where there is none.
   *
   * @throws Error when something else has its name.
   */
  async read(): Promise<LedgerRow[] | undefined> {
    const { rows: found } = await this.client.query<Found>(this.find);
    if (!this.isThere(found)) return undefined;
    return (await this.whereReadable(this.client.query<LedgerRow>(this.select))).rows;
  }

  /**
   * The same of a ledger that was there a moment ago, together with the schema's comment, in one message.
   *
   * @throws Error when it is there no longer.
   */
  async readWithComment(): Promise<{ readonly rows: LedgerRow[]; readonly comment: string | null }> {
    const message = [this.find, this.select, schemaCommentQuery(this.schema)].join("; ");
    const results = await this.whereReadable(this.client.query(message));
    const [found, ledger, comments] = results as unknown as [
      QueryResult<Found>,
      QueryResult<LedgerRow>,
      QueryResult<{ comment: string | null }>,
    ];
    this.isThere(found.rows);
    return { rows: ledger.rows, comment: comments.rows[0]?.comment ?? null };
  }

  private get find(): string {
    const [schema, name] = [this.schema, LEDGER].map(escapeLiteral);
    const inSchema = `namespace = (select oid from pg_namespace where nspname = ${schema})`;
    return `select relkind as kind, pg_get_userbyid(relowner) = current_user as own,
                   relhastriggers or relhasrules or relrowsecurity as code
              from pg_class where rel${inSchema} and relname = ${name}
            union all
            select typtype, false, false from pg_type where typ${inSchema} and typname = ${name} and typrelid = 0`;
  }

  private get select(): string {
    return `select number::integer, left(name, ${MAX_NAME_LENGTH}) as name, left(sha256, ${MAX_NAME_LENGTH}) as sha256,
                   applied_at is not null as done, coalesce(finished, 0) as finished, coalesce(begun, 0) as begun
              from ${this.table} order by number limit ${MAX_FILES + 1}`;
  }

  private isThere([found]: readonly Found[]): boolean {
    if (found === undefined) return false;
    if (found.kind === "r" && found.own && !found.code) return true;
    throw new Error(
      `${this.schema} holds an object named ${LEDGER} that is not the ledger of its migrations` +
        `${found.code ? " (it has triggers, rules or policies)" : ""}: rename it, or take from it what the program did not make`,
    );
  }

  private whereReadable<T>(reading: Promise<T>): Promise<T> {
    return reading.catch((error: unknown) => {
      throw new Error(`the ledger ${this.schema}.${LEDGER} cannot be read: ${errorMessage(error)}`);
    });
  }

  /** Whether the session that last noted its progress with a file without transaction is still there. */
  async isBeingRun({ number }: MigrationFile): Promise<boolean> {
    const { rows } = await this.client.query<{ running: boolean }>(
      `select exists (select from ${this.table} l join pg_catalog.pg_stat_activity a on a.pid = l.pid and a.backend_start = l.pid_since
                       where number = $1) as running`,
      [number],
    );
    return rows[0]?.running ?? false;
  }

  /**
   * Makes the ledger, which begins with the script that made the first tables.
   *
   * @returns Whether this session has, so that there is nothing else in it.
   */
  async begin({ name, sha256 }: InitScript): Promise<boolean> {
    const values = [name, sha256].map(escapeLiteral).join(", ");
    const results = await this.client.query(
      `create table if not exists ${this.table} (${columns});
       insert into ${this.table} (number, name, sha256, applied_at) values (0, ${values}, now()) on conflict do nothing`,
    );
    return (results as unknown as QueryResult[]).at(-1)?.rowCount === 1;
  }

  /** Whether all of a migration has been run. */
  async has({ number }: MigrationFile): Promise<boolean> {
    return (await this.read())?.some((row) => row.number === number && row.done) ?? false;
  }

  /** Lets one session only work on the schema's migrations until its transaction ends. */
  get lock(): string {
    return `lock table ${this.table} in share row exclusive mode`;
  }

  /**
   * Notes a migration before it is run, in the same transaction; the statement is refused where another session has run it meanwhile.
   *
   * @param isNoted Whether there is a row of it, of which no statement was begun.
   */
  claim({ number, name, sha256 }: MigrationFile, isNoted: boolean): string[] {
    const values = [number, ...[name, sha256].map(escapeLiteral)].join(", ");
    return [
      this.lock,
      ...(isNoted ? [`delete from ${this.table} where number = ${number} and applied_at is null`] : []),
      `insert into ${this.table} (number, name, sha256, applied_at) values (${values}, clock_timestamp())`,
    ];
  }

  /** Says of a migration that was noted when it has ended, and how long it took. */
  timing({ number }: MigrationFile): string {
    return (
      `update ${this.table} set applied_at = clock_timestamp(), ` +
      `milliseconds = round(1000 * extract(epoch from clock_timestamp() - applied_at)) where number = ${number}`
    );
  }

  /** Notes a migration that has been run. */
  async note({ number, name, sha256 }: MigrationFile, milliseconds: number): Promise<void> {
    await this.client.query(
      `insert into ${this.table} (number, name, sha256, applied_at, milliseconds) values ($1, $2, $3, clock_timestamp(), $4)
       on conflict (number) do update
         set sha256 = excluded.sha256, applied_at = excluded.applied_at, milliseconds = excluded.milliseconds, pid = null, pid_since = null`,
      [number, name, sha256, Math.round(milliseconds)],
    );
  }

  /** Notes how far this session is with a file without transaction. @param sha256 Over the statements that are finished. */
  async noteStatements(
    { number, name }: MigrationFile,
    { finished, begun, sha256 }: Pick<LedgerRow, "finished" | "begun" | "sha256">,
  ): Promise<void> {
    await this.client.query(
      `insert into ${this.table} (number, name, sha256, finished, begun, pid, pid_since)
       select $1, $2, $3, $4, $5, pid, backend_start from pg_catalog.pg_stat_activity where pid = pg_backend_pid()
       on conflict (number) do update
         set name = excluded.name, sha256 = excluded.sha256, finished = excluded.finished, begun = excluded.begun,
             pid = excluded.pid, pid_since = excluded.pid_since`,
      [number, name, sha256, finished, begun],
    );
  }

  /**
   * Repeats in the schema's comment where it stands: what the admin reads of all tenants at once, without touching a tenant's table.
   *
   * @param comment What it is now.
   */
  async mark(files: readonly MigrationFile[], count: number, comment: string | null): Promise<void> {
    const changed = withMigratedTo(comment, migratedToOf(files, count));
    if (changed !== comment) await writeSchemaComment(this.client, this.schema, changed);
  }
}

/** What the marker of a schema says that has the first `count` migrations behind it. */
export function migratedToOf(files: readonly MigrationFile[], count = files.length): MigratedTo {
  return { number: count, chain: chainHash(files, count) };
}
