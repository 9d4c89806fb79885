// One tenant's pending migrations, tried on a copy of its data. The tenant itself is only read, with its own login.
import { type Client, escapeIdentifier } from "pg";
import { copySchema } from "../../database/backup/archive";
import { expectedSize } from "../../database/backup/expected-size";
import { withScratchDatabase } from "../../database/backup/scratch/scratch-database";
import { withConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import type { InitScript } from "../../database/init-script";
import { migrate } from "../../database/migrations/migrate";
import type { MigrationFile } from "../../database/migrations/migration-files";
import { withRemovalLock } from "../../database/offboarding/offboarding-lock";
import { failingPlace, withoutValues } from "../../database/script-failure";
import type { ConnectionTarget } from "../../domain/connection-string";
import { roleName } from "../../domain/names";
import { printable } from "../../domain/printable";
import { type Amount, amountText, partOf } from "../../domain/quantities";
import type { Output } from "../output";
import type { Trial } from "./trial";
import type { TenantVersion } from "./versions";
import { WatchedRun } from "./watched-run";

/** What all tenants are tried with. */
export interface TrialJob {
  readonly files: readonly MigrationFile[];
  readonly script: InitScript;
  /** The admin's login. */
  readonly admin: ConnectionTarget;
  /** Where PostgreSQL's programs are found. */
  readonly env: NodeJS.ProcessEnv;
  readonly output: Pick<Output, "report" | "tasks">;
}

/** Nobody else is in the scratch database but the server's own vacuum, which gives way. */
const LOCK_TIMEOUT_MS = 30_000;

/**
 * Copies a tenant's schema into a scratch database, runs what the tenant has not run yet, and drops the copy.
 *
 * @param session The admin's, in no transaction.
 * @param login The tenant's own.
 * @throws Error when the copy cannot be made. What a migration fails with is in the result.
 */
export async function tryTenant(
  session: Client,
  { tenant, schema, at }: TenantVersion,
  login: ConnectionTarget,
  { files, script, admin, env, output }: TrialJob,
): Promise<Trial> {
  const attempt = async (owner: ConnectionTarget): Promise<Trial> => {
    const tell = (what: string, part?: number) => output.tasks?.at(tenant, what, part);
    const { bytes: all } = await expectedSize(session, schema);
    const began = performance.now();
    const bytes = (done: number) => {
      const amount: Amount = { done, all, about: true, unit: "bytes" };
      tell(`copying: ${amountText(amount)}`, partOf(amount));
    };
    await copySchema(schema, login, owner, env, [], { bytes });
    const copyMilliseconds = performance.now() - began;
    const watched = new WatchedRun(tell);
    const error = await analyze(owner, schema)
      .then(() => migrate({ ...owner, tenant, schema, lockTimeout: LOCK_TIMEOUT_MS }, files, script, watched))
      .then(() => null)
      .catch((error: unknown) => failureOf(watched, error));
    const outcome = error !== null ? "failed" : watched.files.length > 0 ? "passed" : "nothing to run";
    return { tenant, outcome, at, copyMilliseconds, files: watched.files, error };
  };
  // A gate or a restore of this tenant's uses a scratch database of the same name.
  output.tasks?.begun(tenant);
  return withRemovalLock(session, roleName(tenant), () =>
    withScratchDatabase(session, admin, tenant, attempt, (left) => output.report(`! ${left}`)),
  ).finally(() => output.tasks?.ended(tenant));
}

/** The tenant's own tables have statistics, by which the server plans. */
async function analyze(owner: ConnectionTarget, schema: string): Promise<void> {
  const work = async (client: Client) => {
    const { rows } = await client.query<{ name: string }>(
      `select relname::text as name from pg_class where relnamespace = (select oid from pg_namespace where nspname = $1)
          and relkind in ('r', 'p', 'm') order by relname`,
      [schema],
    );
    if (rows.length === 0) return;
    const tables = rows.map(({ name }) => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
    await client.query(`analyze ${tables.join(", ")}`);
  };
  await withConnection(owner, work, { settings: { statement_timeout: "0" }, queryTimeout: 0 });
}

/** Of a statement, where it failed and in whose words; what else a run fails with says it itself. */
function failureOf({ failed }: WatchedRun, error: unknown): string {
  if (failed === undefined) return errorMessage(error);
  const { run, statement, error: cause } = failed;
  return `${failingPlace(run.file.path, statement, cause)}: ${printable(withoutValues(cause))}`;
}
