import type { Client } from "pg";
import { dropScratchDatabase } from "../../database/backup/scratch/drop-scratch";
import { backupTools } from "../../database/backup/take-backup";
import { withAdminConnection } from "../../database/connection";
import { errorMessage } from "../../database/error-message";
import type { InitScript } from "../../database/init-script";
import type { MigrationFile } from "../../database/migrations/migration-files";
import { isOutOfStep, outOfStep } from "../../database/migrations/positions";
import { withRemovalLock } from "../../database/offboarding/offboarding-lock";
import { counted } from "../../domain/counted";
import { roleName, scratchName } from "../../domain/names";
import { ALL } from "../live-lines";
import type { Output, Status } from "../output";
import { adminTarget } from "../stack/admin-target";
import type { StackAccess } from "../stack/stack-access";
import { expectedLogin, readLogins, type TenantLogin } from "../stack/tenant-environment";
import { chosenTenants } from "./choose-tenants";
import type { TrialWanted } from "./options";
import { trialsJson, trialsMarkdown, trialsText } from "./show-trials";
import type { Trial } from "./trial";
import { type TrialJob, tryTenant } from "./try-tenant";
import { readVersions, type TenantVersion } from "./versions";

export interface TryOptions extends TrialWanted {
  readonly files: readonly MigrationFile[];
  readonly script: InitScript;
}

/**
 * Tries the migrations that tenants of the stack have not run yet, on a copy of each one's data. The tenants are only read.
 *
 * @returns 1 when a tenant failed; the others were tried all the same.
 */
export async function tryMigrations(access: StackAccess, output: Output, options: TryOptions): Promise<Status> {
  const { files, script, form } = options;
  const { report, tasks } = output;
  const admin = adminTarget(access);
  const versions = await readVersions(access, files);
  const tenants = await withAdminConnection(admin, async (session) => {
    await backupTools(session, access.env);
    await dropLeftovers(session, versions, report);
    return chosenTenants(session, access.stack, versions, options);
  });
  const logins = await readLogins(
    access,
    tenants.filter(needsCopy).map(({ tenant }) => tenant),
  );
  const job: TrialJob = { files, script, admin, env: access.env, output };
  const trials: Trial[] = [];
  tasks?.begun(ALL);
  for (const [index, version] of tenants.entries()) {
    if (tasks === undefined) report(`trying ${version.tenant} (${index + 1} of ${tenants.length})`);
    else tasks.at(ALL, `${index} of ${counted(tenants.length, "tenant")}`, index / tenants.length);
    trials.push(await trialOf(access, version, logins, job));
  }
  tasks?.ended(ALL);
  const { stack } = access;
  output.print(
    {
      text: () => trialsText(trials),
      json: () => trialsJson(stack, trials),
      markdown: () => trialsMarkdown(stack, trials),
    }[form](),
  );
  return trials.some(({ outcome }) => outcome === "failed") ? 1 : 0;
}

function needsCopy(version: TenantVersion): boolean {
  return version.condition !== "current" && !isOutOfStep(version);
}

/** Whatever one tenant fails with is told of that tenant. */
async function trialOf(
  access: StackAccess,
  version: TenantVersion,
  logins: ReadonlyMap<string, TenantLogin>,
  job: TrialJob,
): Promise<Trial> {
  const { tenant, at, condition } = version;
  const untried = { tenant, at, copyMilliseconds: null, files: [] };
  if (condition === "current") return { ...untried, outcome: "nothing to run", error: null };
  if (isOutOfStep(version)) return { ...untried, outcome: "failed", error: outOfStep(tenant, version, job.files) };
  try {
    const login = logins.get(tenant) ?? { problem: "SSM has no login of it", missing: true };
    if ("problem" in login) throw new Error(login.problem);
    const target = expectedLogin(access, tenant, login);
    return await withAdminConnection(job.admin, (session) => tryTenant(session, version, target, job));
  } catch (error) {
    return { ...untried, outcome: "failed", error: `not tried: ${errorMessage(error)}` };
  }
}

/** Drops what a run that was killed has left of any tenant of the stack. Another run's copy, which is at work, is let be. */
async function dropLeftovers(
  session: Client,
  versions: readonly TenantVersion[],
  report: (line: string) => void,
): Promise<void> {
  const slugs = new Map(versions.filter(({ own }) => own).map(({ tenant }) => [scratchName(tenant), tenant]));
  const { rows } = await session.query<{ name: string }>(
    "select rolname::text as name from pg_roles where rolname = any ($1) union select datname from pg_database where datname = any ($1)",
    [[...slugs.keys()]],
  );
  for (const { name } of rows) {
    const slug = slugs.get(name) ?? "";
    const dropped = withRemovalLock(session, roleName(slug), () => dropScratchDatabase(session, slug));
    await dropped.then(
      () => report(`dropped ${name}, which a run that died has left`),
      (error: unknown) => report(`! ${name} is there: ${errorMessage(error)}`),
    );
  }
}
