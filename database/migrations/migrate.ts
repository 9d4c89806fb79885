/** Brings one tenant's tables to where the migrations say. */
import { type Client, escapeIdentifier } from "pg";
import { withConnection } from "../connection";
import type { InitScript } from "../init-script";
import type { SqlStatement } from "../sql-statements";
import { withTransaction } from "../transaction";
import { refuseBeforeCanaries } from "./canaries";
import {
  type CarryOut,
  type FileRun,
  type MigratedTenant,
  StatementFailed,
  sendStatement,
  throwFailure,
  withLockRetries,
} from "./file-run";
import { changedAfter, Ledger, pendingOf } from "./ledger";
import { type MigrationFile, NO_TRANSACTION } from "./migration-files";
import { migrationStatements } from "./migration-statements";
import { runOneByOne } from "./run-one-by-one";

export interface Migrated {
  /** The files that this call has run, in their order. */
  readonly ran: readonly { readonly name: string; readonly milliseconds: number }[];
}

export interface MigrateOptions {
  /** Schemas of the same database that have to have run a file before this one may. One that is not there is not waited for. */
  readonly canaries?: readonly string[];
  /** Has each statement carried out, where somebody watches. */
  readonly carryOut?: CarryOut;
}

/** Longest statement of a file in one transaction. One that runs outside may take as long as it needs. */
const STATEMENT_TIMEOUT = "10min";

/** Another run's file may take as long as that. Nobody but the program waits for the ledger. */
const LEDGER_TIMEOUT = "10min";

/**
 * Runs the migrations that a tenant has not run yet, as the tenant's role and in its schema: each file in one transaction together
 * with its row of the ledger, or statement by statement where the file says so. Of two runs at once, each file is run by one.
 *
 * @param files All of them, as `migrationFiles` gives them.
 * @param script What the tenant's tables were made with.
 * @throws Error that names file, line and tenant, and the migration that the tenant stands at; ConnectionRefused.
 */
export async function migrate(
  target: MigratedTenant,
  files: readonly MigrationFile[],
  script: InitScript,
  { canaries = [], carryOut = sendStatement }: MigrateOptions = {},
): Promise<Migrated> {
  const statements = new Map<MigrationFile, SqlStatement[]>();
  for (const file of files) statements.set(file, await migrationStatements(file));
  const settings = { statement_timeout: STATEMENT_TIMEOUT };
  const work = (client: Client) => bringUp({ client, target, files, carryOut }, statements, script, canaries);
  return withConnection(target, work, { settings, queryTimeout: 0 });
}

async function bringUp(
  tenant: Pick<FileRun, "client" | "target" | "files" | "carryOut">,
  statements: ReadonlyMap<MigrationFile, SqlStatement[]>,
  script: InitScript,
  canaries: readonly string[],
): Promise<Migrated> {
  const { client, target, files } = tenant;
  const ledger = new Ledger(client, target.schema);
  const rows = (await ledger.read()) ?? (await beginLedger(client, ledger, script));
  const ran: { name: string; milliseconds: number }[] = [];
  const pending = pendingOf(files, rows, target.tenant);
  if (pending.length > 0) await refuseBeforeCanaries(client, target, files, canaries);
  for (const file of pending) {
    const work: FileRun = { ...tenant, ledger, file, statements: statements.get(file) ?? [] };
    const began = performance.now();
    const done = file.transactional ? await runWhole(work) : await runOneByOne(work);
    if (done) ran.push({ name: file.name, milliseconds: performance.now() - began });
  }
  await ledger.mark(files, files.length);
  return { ran };
}

/** Of two runs that begin it at once, the server refuses one, in one of several ways; that one finds the other's. */
async function beginLedger(client: Client, ledger: Ledger, script: InitScript) {
  const refused = await withTransaction(client, () => ledger.begin(script)).catch((error: unknown) => ({ error }));
  const rows = await ledger.read();
  if (rows === undefined) throw refused?.error;
  return rows;
}

/** @returns Whether this session has run it, and not another one meanwhile. */
async function runWhole(run: FileRun): Promise<boolean> {
  return withLockRetries(run.target, () =>
    withTransaction(run.client, () => inTransaction(run)).catch((error) => throwFailure(run, error)),
  );
}

async function inTransaction(run: FileRun): Promise<boolean> {
  const { client, ledger, target, file, files, statements } = run;
  await client.query(`set local lock_timeout = '${LEDGER_TIMEOUT}'`);
  await ledger.lock();
  const row = (await ledger.read())?.find(({ number }) => number === file.number);
  if (row?.done) return false;
  if (row !== undefined && row.begun > 0) throw new Error(beganWithout(file, row.name, target.tenant));
  await client.query(
    `set local lock_timeout = ${target.lockTimeout}; set local search_path to ${escapeIdentifier(target.schema)}`,
  );
  const began = performance.now();
  for (const statement of statements) {
    await run.carryOut(run, statement).catch((error: unknown) => {
      throw new StatementFailed(statement, error);
    });
  }
  await ledger.note(file, performance.now() - began);
  await ledger.mark(files, file.number);
  return true;
}

/** A file whose directive was taken away when some of its statements had been run. */
function beganWithout(file: MigrationFile, formerly: string, tenant: string): string {
  return `${changedAfter(file, formerly, [tenant])}. Its first line was ${NO_TRANSACTION}, and some of its statements have been run`;
}
