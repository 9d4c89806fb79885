/** The table in a tenant's own schema that says which migrations it has behind it; it is backed up and restored with the data. */
import { type ClientBase, escapeIdentifier } from "pg";
import { printable } from "../../domain/printable";
import { changeSchemaComment } from "../foreign-objects";
import type { InitScript } from "../init-script";
import { type MigratedTo, withMigratedTo } from "../schema-marker";
import { chainHash, digits, MAX_FILES, MAX_NAME_LENGTH, type MigrationFile } from "./migration-files";

/** No migration tool uses this name, so the tenant's own can work in the schema too. */
export const LEDGER = "b2b_tenants_migrations";

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
  /** Whether the session that began that statement is still there. */
  readonly running: boolean;
}

const columns = `
  number integer primary key,
  name text not null,
  sha256 text not null,
  applied_at timestamptz,
  milliseconds bigint,
  finished integer,
  begun integer,
  pid integer,
  pid_since timestamptz`;

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
    if (!(await this.exists())) return undefined;
    const { rows } = await this.client.query<LedgerRow>(
      `select number::integer, left(name, $1) as name, left(sha256, $1) as sha256, applied_at is not null as done,
              coalesce(finished, 0) as finished, coalesce(begun, 0) as begun,
              exists (select from pg_catalog.pg_stat_activity a
                       where a.pid = l.pid and a.backend_start = l.pid_since) as running
         from ${this.table} l order by number limit $2`,
      [MAX_NAME_LENGTH, MAX_FILES + 1],
    );
    return rows;
  }

  private async exists(): Promise<boolean> {
    const { rows } = await this.client.query<{ kind: string; own: boolean; code: boolean }>(
      `select relkind as kind, relowner = current_user::regrole::oid as own, relhastriggers or relhasrules or relrowsecurity as code
         from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1) and relname = $2`,
      [this.schema, LEDGER],
    );
    const [found] = rows;
    if (found === undefined) return false;
    if (found.kind === "r" && found.own && !found.code) return true;
    throw new Error(
      `${this.schema} holds an object named ${LEDGER} that is not the ledger of its migrations` +
        `${found.code ? " (it has triggers, rules or policies)" : ""}: rename it, or take from it what the program did not make`,
    );
  }

  /** Makes the ledger, which begins with the script that made the first tables. */
  async begin(script: InitScript): Promise<void> {
    await this.client.query(`create table if not exists ${this.table} (${columns})`);
    await this.client.query(
      `insert into ${this.table} (number, name, sha256, applied_at) values (0, $1, $2, now()) on conflict do nothing`,
      [script.name, script.sha256],
    );
  }

  /** Lets one session only work on the schema's migrations until its transaction ends. */
  async lock(): Promise<void> {
    await this.client.query(`lock table ${this.table} in share row exclusive mode`);
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

  /** Repeats in the schema's comment where it stands: what the admin reads of all tenants at once, without touching a tenant's table. */
  async mark(files: readonly MigrationFile[], count: number): Promise<void> {
    const position = migratedToOf(files, count);
    await changeSchemaComment(this.client, this.schema, (comment) => withMigratedTo(comment, position));
  }
}

/** What the marker of a schema says that has the first `count` migrations behind it. */
export function migratedToOf(files: readonly MigrationFile[], count = files.length): MigratedTo {
  return { number: count, chain: chainHash(files, count) };
}

/**
 * The migrations that a schema still has to run.
 *
 * @throws Error when the schema is ahead of the files, or has run a file that has changed since.
 */
export function pendingOf(
  files: readonly MigrationFile[],
  ledger: readonly LedgerRow[],
  tenant: string,
): MigrationFile[] {
  const rows = new Map(ledger.filter(({ number }) => number > 0).map((row) => [row.number, row]));
  const last = Math.max(0, ...rows.keys());
  if (last > files.length) {
    throw new Error(ahead(tenant, rows.get(last)?.name ?? "", files.at(-1)?.name));
  }
  const pending: MigrationFile[] = [];
  for (const file of files) {
    const row = rows.get(file.number);
    if (row?.done && (row.name !== file.name || row.sha256 !== file.sha256)) {
      throw new Error(changedAfter(file, row.name, [tenant]));
    }
    if (row?.done) {
      const [before] = pending;
      if (before === undefined) continue;
      throw new Error(
        `the ledger of tenant ${tenant} has ${file.name} and not ${before.name}: put right what somebody took from ${LEDGER}`,
      );
    }
    pending.push(file);
  }
  return pending;
}

/** A tenant that has run a file which is not there. @param last Name of the last one that is. */
export function ahead(tenant: string, name: string, last: string | undefined): string {
  return (
    `tenant ${tenant} is ahead: it has run ${printable(name)}, and the files end with ${last ?? "none"}. ` +
    "Deploy a commit that has that file; nothing can take a migration back but a new one"
  );
}

/** A file of which a tenant has run other contents. */
export function changedAfter(
  { path, name }: Pick<MigrationFile, "path" | "name">,
  formerly: string,
  tenants: readonly string[],
): string {
  const what = formerly === name ? "was changed" : `took the number of ${printable(formerly)}`;
  return (
    `${path}: ${what} after ${tenants.length === 1 ? "tenant" : "tenants"} ${tenants.join(", ")} had run it. ` +
    `Put it back as it was, and write what is new into a file of its own, ${digits(Number(name.slice(0, 4)) + 1)}_… or later`
  );
}
