import type { Client } from "pg";
import { proveArchive } from "../../database/backup/archive";
import { programVersion } from "../../database/backup/postgres-programs";
import { withAdminConnection, withConnection } from "../../database/connection";
import { withRemovalLock } from "../../database/offboarding/offboarding-lock";
import { UsageError } from "../../domain/usage-error";
import type { Output, Status } from "../output";
import { adminTarget } from "../stack/admin-target";
import type { StackAccess } from "../stack/stack-access";
import { compareTarget } from "./compare-target";
import { completeEarlier } from "./complete-earlier";
import { clearSchema, tablesWithRows } from "./empty-schema";
import { fillTarget } from "./fill-target";
import { findTarget } from "./find-target";
import { type InitScript, initialise, initScript } from "./initialise";
import { judgeNeighbours, type Neighbourhood, readNeighbours } from "./neighbours";
import { openBackup } from "./open-backup";
import { type Job, type ProvedCopy, withProvedCopy } from "./proved-copy";
import { holds, type Outcome, outcomeJson, outcomeText } from "./show-outcome";

export interface RestoreOptions {
  /** The tenant that the backup is of. */
  readonly tenant: string;
  /** Its archive or manifest: a file's name at the stack's destination, or a path or `s3://` URL. */
  readonly from: string;
  /** The tenant that it is restored into: the same one, or another. */
  readonly into: string;
  /** Whether the other tenants are proved unchanged, by reading all that they have before and after. */
  readonly neighbours: boolean;
  readonly json: boolean;
}

/**
 * Restores a backup into a tenant that exists and is empty. Before anything is written there, the backup is restored elsewhere and
 * compared with its manifest; afterwards, what has come to be is.
 *
 * @returns 0 when it is restored, equal, and no other tenant has changed; 1 when it is restored and one of these does not hold.
 * @throws Error that says what is in place and what to do.
 */
export async function restore(access: StackAccess, output: Output, options: RestoreOptions): Promise<Status> {
  const course: Course = { written: false };
  try {
    const outcome = await carryOut(access, options, output.report, course);
    output.print(options.json ? outcomeJson(outcome) : outcomeText(outcome));
    return holds(outcome) ? 0 : 1;
  } catch (error) {
    if (course.written || error instanceof UsageError) throw error;
    throw new Error(`${words(error)}. Nothing was written to tenant ${options.into}.`);
  }
}

interface Course {
  /** Whether the target is not any more what it was. */
  written: boolean;
}

async function carryOut(
  access: StackAccess,
  { tenant, from, into, neighbours }: RestoreOptions,
  report: (line: string) => void,
  course: Course,
): Promise<Outcome> {
  const { stack, env } = access;
  const backup = await openBackup(from, tenant, access);
  const script = await initScript();
  const admin = adminTarget(access);
  return withAdminConnection(admin, async (session) => {
    await requirePrograms(session, env, tenant !== into);
    const target = await findTarget(access, session, into);
    const job: Job = { backup, target, admin, env, report };
    return withRemovalLock(session, target.role, async () => {
      const filled = await withConnection(target.login, (client) => tablesWithRows(client, target.schema));
      if (filled.length > 0) return { stack, ...(await completeEarlier(session, job, script, filled)) };
      await proveArchive(backup.destination, backup.manifest.archive).catch((error: unknown) => {
        throw new Error(`the archive is damaged, or not the one of this manifest: ${words(error)}`);
      });
      report(`${backup.place} is whole: its size and SHA-256 are those of its manifest`);
      await tellOfSessions(session, job);
      return { stack, ...(await tryOutAndFill(session, job, script, neighbours, course)) };
    });
  });
}

/** @throws Error when a program is missing, or older than the server. */
async function requirePrograms(session: Client, env: NodeJS.ProcessEnv, dumps: boolean): Promise<void> {
  const { rows } = await session.query<{ version: string }>("select current_setting('server_version') as version");
  const version = rows[0]?.version ?? "";
  await programVersion("pg_restore", version, env);
  if (dumps) await programVersion("pg_dump", version, env);
}

async function tellOfSessions(session: Client, { target, report }: Job): Promise<void> {
  const { rows } = await session.query(
    // A session of this command's own may be on its way out.
    "select from pg_stat_activity where usename = $1 and application_name <> 'b2b-tenants'",
    [target.role],
  );
  if (rows.length === 0) return;
  report(
    `! ${target.role} has ${rows.length} open sessions: if they are its backend's, stop it; its requests fail meanwhile, and what it ` +
      "writes right afterwards looks like a difference",
  );
}

async function tryOutAndFill(
  session: Client,
  job: Job,
  script: InitScript,
  withNeighbours: boolean,
  course: Course,
): Promise<Omit<Outcome, "stack">> {
  let outcome: Omit<Outcome, "stack"> | undefined;
  try {
    await withProvedCopy(session, job, async (copy) => {
      const before = withNeighbours ? await neighboursBefore(session, job) : undefined;
      outcome = await fill(session, job, copy, script, before, course);
    });
  } catch (error) {
    if (outcome === undefined) throw error;
    job.report(`! ${words(error)}`);
  }
  if (outcome === undefined) throw new Error("the backup was not restored");
  return outcome;
}

async function neighboursBefore(session: Client, { target, report }: Job): Promise<Neighbourhood> {
  return readNeighbours(session, target, report).catch((error: unknown) => {
    throw new Error(`${words(error)}; --skip-neighbours restores without that proof`);
  });
}

async function fill(
  session: Client,
  job: Job,
  copy: ProvedCopy,
  script: InitScript,
  before: Neighbourhood | undefined,
  course: Course,
): Promise<Omit<Outcome, "stack">> {
  const { backup, target, report } = job;
  await withConnection(target.login, (client) => clearSchema(client, target.schema));
  course.written = true;
  await fillTarget(job, copy, script);
  const compared = await compareAndInitialise(session, job, script);
  const neighbours = before && (await judgeNeighbours(session, target, before, report));
  return { backup, target, ...compared, warnings: copy.warnings, neighbours, completed: false };
}

async function compareAndInitialise(session: Client, job: Job, script: InitScript) {
  try {
    const compared = await compareTarget(session, job);
    await initialise(job.target, script);
    return compared;
  } catch (error) {
    throw new Error(
      `the backup is restored into ${job.target.schema}, but what comes after that failed: ${words(error)}; put that right and run the same again`,
    );
  }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
