import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { waitFor } from "../../rehearsal/servers/process";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { inventory } from "./inventory";
import { type Site, startSite } from "./site";
import { type Run, StackRuns } from "./stack-runs";

const cli = findPulumiCli();

const FLEET = ["distribuidora_mx", "farmacon", "farmacruz"];
const POLL_MS = 20;

// One story of one stack, in this order.
describe("recover, under the Pulumi CLI,", { skip: cli ? false : NO_CLI }, () => {
  let site: Site;
  let prod: StackRuns;

  before(async () => {
    assert.ok(cli);
    site = await startSite(cli);
    for (const part of ["cli", "ops"])
      cpSync(join(PROJECT_DIR, part), join(site.projectDir, part), { recursive: true });
    prod = await StackRuns.create(site, "prod");
  });

  after(() => site?.remove());

  it("finds nothing to do in a stack that was never deployed", async () => {
    const { status, output } = await recover("--yes");
    assert.match(output, /nothing to recover/);
    assert.equal(status, 0, output);
  });

  it("after an `up` that died names who holds the lock, and changes nothing", async () => {
    await killed(["up", "--skip-preview"], async () => (await roles()) > 0);
    const before = [await settledInventory(), await prod.pulumi(["stack", "export"])];
    const { status, output } = await recover("--yes");
    assert.match(output, /the stack is currently locked by.*created by .*pulumi cancel --stack prod/s);
    assert.equal(status, 1);
    assert.deepEqual([await inventory(site), await prod.pulumi(["stack", "export"])], before);
  });

  it("then, with the lock released and on consent, repairs it, and `up` converges", async () => {
    await prod.pulumi(["cancel", "--yes"]);
    const asked = await recover();
    assert.equal(asked.status, 1, asked.output);
    assert.match(asked.output, /Nothing was changed\. Add --yes/);
    const { status, output } = await recover("--yes");
    assert.equal(status, 0, output);
    succeeded(await prod.up());
    await assertWhole();
  });

  it("after a `destroy` that died behind the gates, brings the tenants back with `up`", async () => {
    await killed(["destroy", "--skip-preview"], async () => (await roles()) < FLEET.length);
    await prod.pulumi(["cancel", "--yes"]);
    const { status, output } = await recover("--yes");
    assert.equal(status, 0, output);
    succeeded(await prod.up());
    await assertWhole();
  });

  it("after a `destroy` that died in the backup, lets the tenants in again", async () => {
    await killed(["destroy", "--skip-preview"], async () => (await rolesThatMayLogIn()) < FLEET.length);
    await prod.pulumi(["cancel", "--yes"]);
    const { status, output } = await recover("--yes");
    assert.equal(status, 0, output);
    assert.match(output, /the fence of \S+ is lifted/);
    assert.equal(await rolesThatMayLogIn(), FLEET.length);
    succeeded(await prod.destroy());
    assert.deepEqual(await inventory(site), []);
  });

  /** Starts the CLI, and ends it and all that it has started, as a machine does that fails, when the condition holds. */
  async function killed(args: readonly string[], when: () => Promise<boolean>): Promise<void> {
    const child = spawn(site.cli.program, [...args, "--yes", "--stack", "prod", "--non-interactive"], {
      cwd: site.projectDir,
      env: { ...process.env, ...site.env },
      stdio: "ignore",
    });
    const ended = once(child, "exit");
    while (child.exitCode === null && !((await when()) && (await stoppedWithWholeState(child))))
      await setTimeout(POLL_MS);
    for (const pid of descendants(child)) end(pid);
    const [, signal] = await ended;
    assert.equal(signal, "SIGKILL", "it came to its end before it could be killed");
  }

  /**
   * Whether the CLI stands still with its state whole. It writes into a folder in place, and cut off in the middle of that it leaves
   * half a file, or none; a bucket, which the states of production are in, has a file whole or not at all.
   */
  async function stoppedWithWholeState(child: ChildProcess): Promise<boolean> {
    child.kill("SIGSTOP");
    // The signal is sent; its threads may still be writing.
    await waitFor(() => (threadStates(child).every((state) => state === "T") ? true : undefined), 10);
    try {
      const text = readFileSync(join(site.backendDir, ".pulumi/stacks/b2b-tenants/prod.json"), "utf8");
      // Between two steps nothing is interrupted.
      if (JSON.parse(text).checkpoint.latest.pending_operations?.length > 0) return true;
    } catch {
      // Cut off in the middle.
    }
    child.kill("SIGCONT");
    return false;
  }

  /** What the plugins, which live on here, had begun when the CLI was killed they bring to its end. */
  async function settledInventory(): Promise<string[]> {
    let before: string[] | undefined;
    for (;;) {
      const found = await inventory(site);
      if (isDeepStrictEqual(found, before)) return found;
      before = found;
      await setTimeout(POLL_MS);
    }
  }

  async function recover(...options: string[]): Promise<{ status: number | null; output: string }> {
    const child = spawn(process.execPath, ["cli/b2b-tenants.js", "recover", "--stack", "prod", ...options], {
      cwd: site.projectDir,
      env: { ...process.env, ...site.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    const output = stdout + stderr;
    site.transcript.push(output);
    assert.ok(!output.includes(site.settings.postgres.adminPassword), "a password was printed");
    return { status, output };
  }

  async function assertWhole(): Promise<void> {
    const run = await prod.up({ expectNoChanges: true });
    assert.ok(run.ok, run.output);
    const found = await inventory(site);
    for (const slug of FLEET) {
      for (const thing of [`role user_${slug}`, `schema schema_${slug}`, `instance of ${slug}`]) {
        assert.deepEqual(
          found.filter((entry) => entry === thing),
          [thing],
        );
      }
    }
    assert.equal(await rolesThatMayLogIn(), FLEET.length);
  }

  async function rolesThatMayLogIn(): Promise<number> {
    return (await site.query("select from pg_roles where rolname like 'user\\_%' and rolcanlogin")).length;
  }

  async function roles(): Promise<number> {
    return (await site.query("select from pg_roles where rolname like 'user\\_%'")).length;
  }
});

function succeeded(run: Run): void {
  assert.ok(run.ok, run.output);
}

/** The process and all that it has started, and these. */
function descendants({ pid }: ChildProcess): readonly number[] {
  assert.ok(pid !== undefined);
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = [pid];
  for (const parent of found) found.push(...pairs.filter(([, ppid]) => ppid === parent).map(([child]) => child));
  return found;
}

/** As the kernel tells them: `R` runs, `S` sleeps, `T` is stopped. */
function threadStates({ pid }: ChildProcess): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  });
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // Its parent's end has been its own.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
