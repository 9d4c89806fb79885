/** Brings one tenant's tables to where the migrations say. */
import type { Client } from "pg";
import { withConnection } from "../connection";
import type { InitScript } from "../init-script";
import type { SqlStatement } from "../sql-statements";
import { refuseBeforeCanaries } from "./canaries";
import type { CarryOut, FileRun, MigratedTenant } from "./file-run";
import { Ledger } from "./ledger";
import { LEDGER } from "./ledger-table";
import { type MigrationFile, NO_TRANSACTION } from "./migration-files";
import { migrationStatements } from "./migration-statements";
import { changedAfter, pendingOf } from "./pending";
import { runOneByOne } from "./run-one-by-one";
import { runTogether } from "./run-together";

export interface Migrated {
  /** Names of the files that this call has run, in their order. */
  readonly ran: readonly string[];
}

export interface MigrateOptions {
  /** Schemas of the same database that have to have run a file before this one may. One that is not there is not waited for. */
  readonly canaries?: readonly string[];
  /** Has each statement carried out, where somebody watches. */
  readonly carryOut?: CarryOut;
}

/** Longest statement of a file in one transaction. */
const STATEMENT_TIMEOUT = "10min";

/** Longer than any statement may take by the server's count, which code of the tenant's can set anew. */
const QUERY_TIMEOUT_MS = 5 * 60 * 60_000;

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
  { canaries = [], carryOut }: MigrateOptions = {},
): Promise<Migrated> {
  // A role's own setting would have the server read a backslash in a text otherwise than reviewers do.
  const settings = { statement_timeout: STATEMENT_TIMEOUT, standard_conforming_strings: "on" };
  const work = (client: Client) => bringUp({ client, target, files, carryOut }, script, canaries);
  return withConnection(target, work, { settings, queryTimeout: QUERY_TIMEOUT_MS });
}

async function bringUp(
  tenant: Pick<FileRun, "client" | "target" | "files" | "carryOut">,
  script: InitScript,
  canaries: readonly string[],
): Promise<Migrated> {
  const { client, target, files } = tenant;
  const ledger = new Ledger(client, target.schema);
  const rows = (await ledger.read()) ?? (await beginLedger(ledger, script));
  const pending = pendingOf(files, rows, target.tenant);
  const statements = new Map<MigrationFile, SqlStatement[]>();
  for (const file of pending) statements.set(file, await migrationStatements(file));
  if (pending.length > 0) await refuseBeforeCanaries(client, target, files, canaries);
  const runs = pending.map((file): FileRun => {
    const row = rows.find(({ number }) => number === file.number);
    if (file.transactional && row !== undefined && row.begun > 0) {
      throw new Error(beganWithout(file, row.name, target.tenant));
    }
    return { ...tenant, ledger, file, statements: statements.get(file) ?? [], isNoted: row !== undefined };
  });
  try {
    const ran = await runAll(runs);
    const after = await ledger.readWithComment();
    // Code of the tenant's has run in this session, and may have seen to it that the ledger has nothing of it.
    const [lost] = pendingOf(files, after.rows, target.tenant);
    if (lost !== undefined) throw new Error(notKept(lost, target.schema));
    await ledger.mark(files, files.length, after.comment);
    return { ran };
  } catch (error) {
    // The failure is what people have to know; where the schema stands, the ledger says in any case.
    await markReached(ledger, files).catch(() => {});
    throw error;
  }
}

/** @returns Names of the files that this session has run, and not another one meanwhile. */
async function runAll(runs: readonly FileRun[]): Promise<string[]> {
  const ran: string[] = [];
  for (let rest = runs; rest.length > 0; ) {
    const end = rest.findIndex(({ file }) => !file.transactional);
    const together = end === -1 ? rest : rest.slice(0, end);
    await runTogether(together, (name) => ran.push(name));
    const alone = rest[together.length];
    if (alone !== undefined && (await runOneByOne(alone))) ran.push(alone.file.name);
    rest = rest.slice(together.length + 1);
  }
  return ran;
}

async function markReached(ledger: Ledger, files: readonly MigrationFile[]): Promise<void> {
  const { rows, comment } = await ledger.readWithComment();
  await ledger.mark(files, rows.filter(({ number, done }) => number > 0 && done).length, comment);
}

/** Of two runs that begin it at once, the server refuses one, in one of several ways; that one finds the other's. */
async function beginLedger(ledger: Ledger, script: InitScript) {
  let refusal: unknown;
  const begun = await ledger.begin(script).catch((error: unknown) => {
    refusal = error;
    return false;
  });
  if (begun) return [];
  const rows = await ledger.read();
  if (rows === undefined) throw refusal;
  return rows;
}

/** A file whose directive was taken away when some of its statements had been run. */
function beganWithout(file: MigrationFile, formerly: string, tenant: string): string {
  return `${changedAfter(file, formerly, [tenant])}. Its first line was ${NO_TRANSACTION}, and some of its statements have been run`;
}

function notKept({ name }: MigrationFile, schema: string): string {
  return `${name} was run, and the ledger ${schema}.${LEDGER} has lost its row: see which of the tenant's code takes it away, and put the row back`;
}
