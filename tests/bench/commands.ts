import { spawn } from "node:child_process";
import pLimit from "p-limit";
import { withConnection } from "../../database/connection";
import { readReport } from "../../ops/report/read-report";
import { withReportSession } from "../../ops/report/report-session";
import { reportText } from "../../ops/report/show-report";
import type { StackAccess } from "../../ops/stack/stack-access";
import { readLogins, type TenantLogin } from "../../ops/stack/tenant-environment";
import { holds, verificationText } from "../../ops/verify/show-verification";
import { AT_ONCE, verifyIsolation } from "../../ops/verify/verification";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { frontend, outcomeOf, ScratchRehearsal } from "../rehearsal/scratch-rehearsal";

/** Of so many runs the fastest counts: what else the machine does only ever adds. */
const RUNS = 3;

/** What the commands about a whole fleet cost. Seconds. */
export interface MeasuredCommands {
  /** To log in once as each tenant, as many at once as `verify` does, and nothing else: no proof can be faster. */
  readonly floor: number;
  readonly verify: MeasuredCommand;
  readonly report: MeasuredCommand;
}

export interface MeasuredCommand {
  /** Its work alone, in this process. */
  readonly work: number;
  /** As people run it, with the start of its process. */
  readonly command: number;
}

/** `verify` and `report` of a rehearsal with so many tenants. */
export async function measureCommands(tenants: number): Promise<MeasuredCommands> {
  const slugs = Array.from({ length: tenants }, (_, index) => `t${String(index).padStart(3, "0")}`);
  const rehearsal = new ScratchRehearsal(Object.fromEntries(slugs.map((slug) => [slug, frontend(slug)])));
  try {
    const { failures } = await rehearsal.up();
    if (failures.length > 0) throw new Error(`the run failed: ${failures[0]}`);
    const access = stackAccess(rehearsal.session);
    const logins = await readLogins(access, slugs);
    return {
      floor: await fastest(() => logIn(access, [...logins.values()])),
      verify: await measured(() => verify(access), "verify", rehearsal),
      report: await measured(() => report(access), "report", rehearsal),
    };
  } finally {
    await rehearsal.remove();
  }
}

async function measured(
  work: () => Promise<unknown>,
  name: "verify" | "report",
  rehearsal: ScratchRehearsal,
): Promise<MeasuredCommand> {
  return { work: await fastest(work), command: await fastest(() => run(name, rehearsal)) };
}

/** Seconds. */
export async function fastest(work: () => Promise<unknown>): Promise<number> {
  const seconds: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const began = performance.now();
    await work();
    seconds.push((performance.now() - began) / 1000);
  }
  return Math.min(...seconds);
}

async function logIn({ settings }: StackAccess, logins: readonly TenantLogin[]): Promise<void> {
  const { host, port, name: database, sslmode } = settings.database;
  await pLimit(AT_ONCE).map(logins, async (login) => {
    if ("problem" in login) throw new Error(login.problem);
    await withConnection({ ...login, host, port, database, sslmode }, async () => {});
  });
}

async function verify(access: StackAccess): Promise<void> {
  const proved = await verifyIsolation(access, { report: () => {} });
  if (!holds(proved)) throw new Error(`the fleet leaks, so its proof is no measure:\n${verificationText(proved)}`);
}

function report(access: StackAccess): Promise<string> {
  return withReportSession(access, async (read) => reportText(await readReport(read, access, () => {}, [])));
}

async function run(name: "verify" | "report", { home, tenants }: ScratchRehearsal): Promise<void> {
  const args = ["cli/b2b-tenants.js", name, "--home", home.path, "--tenants", tenants];
  const child = spawn(process.execPath, args, { cwd: PROJECT_DIR, stdio: ["pipe", "pipe", "pipe"] });
  const { status, stderr } = await outcomeOf(child);
  if (status !== 0) throw new Error(`${name} ended with status ${status}: ${stderr}`);
}
