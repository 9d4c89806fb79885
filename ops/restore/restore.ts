import type { Client } from "pg";
import { proveArchive } from "../../database/backup/archive";
import { backupTools } from "../../database/backup/take-backup";
import { withAdminConnection, withConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import { withRemovalLock } from "../../database/offboarding/offboarding-lock";
import { counted } from "../../domain/counted";
import { loginNames } from "../../domain/names";
import { UsageError } from "../../domain/usage-error";
import type { Output, Status } from "../output";
import { adminTarget } from "../stack/admin-target";
import { projectFiles } from "../stack/project-files";
import type { StackAccess } from "../stack/stack-access";
import { Steps } from "../steps";
import { clearSchema, tablesWithRows } from "./clear-schema";
import { compareAndInitialise, completeEarlier, fillTarget } from "./fill-target";
import { findTarget } from "./find-target";
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

/** The target was cleared, and something after that failed. */
class TargetChanged extends Error {}

/**
 * Restores a backup into a tenant that exists and is empty. Before anything is written there, the backup is restored elsewhere and
 * compared with its manifest; afterwards the target is compared with it too.
 *
 * @returns 0 when it is restored, equal, and no other tenant has changed; 1 when it is restored and one of these does not hold.
 * @throws Error that says what is in place and what to do.
 */
export async function restore(access: StackAccess, output: Output, options: RestoreOptions): Promise<Status> {
  const steps = new Steps(options.into, output);
  const outcome = await steps
    .during(() => carryOut(access, options, output.report, steps))
    .catch((error: unknown) => {
      if (error instanceof TargetChanged || error instanceof UsageError) throw error;
      throw new Error(`${errorMessage(error)}. Nothing was written to tenant ${options.into}.`);
    });
  output.print(options.json ? outcomeJson(access.stack, outcome) : outcomeText(outcome));
  return holds(outcome) ? 0 : 1;
}

async function carryOut(
  access: StackAccess,
  { tenant, from, into, neighbours }: RestoreOptions,
  report: (line: string) => void,
  steps: Steps,
): Promise<Outcome> {
  const { env } = access;
  const backup = await openBackup(from, tenant, access);
  const files = await projectFiles(access.settings);
  const admin = adminTarget(access);
  return withAdminConnection(admin, async (session) => {
    await backupTools(session, env);
    const target = await findTarget(access, session, into);
    const job: Job = { backup, target, files, admin, env, report, steps };
    return withRemovalLock(session, target.role, async () => {
      const filled = await withConnection(target.login, (client) => tablesWithRows(client, target.schema));
      if (filled.length > 0) return completeEarlier(session, job, filled);
      await readArchive(job).catch((error: unknown) => {
        throw new Error(`the archive is damaged, or does not belong to this manifest: ${errorMessage(error)}`);
      });
      report(`${backup.place} is complete: its size and SHA-256 match its manifest`);
      await warnOfSessions(session, job);
      const outcome = await withProvedCopy(session, job, async (copy) => {
        const before = neighbours ? await neighboursBefore(session, job) : undefined;
        return clearAndFill(session, job, copy, before);
      });
      if (outcome instanceof TargetChanged) throw outcome;
      return outcome;
    });
  });
}

async function readArchive({ backup, steps }: Job): Promise<void> {
  const { destination, manifest, place } = backup;
  steps.begin(`reading ${place}`);
  const bytes = (done: number) => steps.at({ done, all: manifest.archive.bytes, unit: "bytes" });
  await proveArchive(destination, manifest.archive, { bytes });
}

async function warnOfSessions(session: Client, { target, report }: Job): Promise<void> {
  const { rows } = await session.query(
    // A session of this command's own may not have ended yet.
    "select from pg_stat_activity where usename = any ($1) and application_name !~ '^b2b-tenants'",
    [loginNames(target.role)],
  );
  if (rows.length === 0) return;
  report(
    `! ${target.role} has ${counted(rows.length, "open session")}. If that is the tenant's backend, stop it: its requests fail ` +
      "during the restore, and what it writes right afterwards shows as a difference",
  );
}

async function neighboursBefore(session: Client, { target, steps }: Job): Promise<Neighbourhood> {
  return readNeighbours(session, target, steps).catch((error: unknown) => {
    throw new Error(`${errorMessage(error)}; --skip-neighbours restores without that proof`);
  });
}

/** A failure after the clearing is returned: what is thrown in here, the scratch database's owner words anew. */
async function clearAndFill(
  session: Client,
  job: Job,
  copy: ProvedCopy,
  before: Neighbourhood | undefined,
): Promise<Outcome | TargetChanged> {
  const { backup, target, steps } = job;
  await withConnection(target.login, (client) => clearSchema(client, target.schema, copy.comment));
  try {
    await fillTarget(job, copy);
    const compared = await compareAndInitialise(session, job);
    const neighbours = before && (await judgeNeighbours(session, target, before, steps));
    return { backup, target, ...compared, warnings: copy.warnings, neighbours, completed: false };
  } catch (error) {
    return new TargetChanged(errorMessage(error));
  }
}
