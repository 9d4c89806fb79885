import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import type { StackOutcome } from "../../ops/fleet/stack-outcome";
import type { StackStatus } from "../../ops/fleet/status";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { inventory } from "./inventory";
import { type Site, startEmptySite } from "./site";
import { StackRuns } from "./stack-runs";

const cli = findPulumiCli();

/** Two tenants in each of three stacks, by slug. */
const STACKS: Readonly<Record<string, string>> = {
  ana: "prod",
  bea: "prod",
  carla: "prod-2",
  dora: "prod-2",
  elsa: "prod-3",
  flor: "prod-3",
};

// The tests are one story of one fleet, in this order.
describe("a fleet of three stacks, under the Pulumi CLI,", { skip: cli ? false : NO_CLI }, () => {
  let site: Site;

  before(async () => {
    assert.ok(cli);
    site = await startEmptySite(cli);
    for (const [slug, stack] of Object.entries(STACKS)) tenantFile(slug, stack);
    for (const stack of ["prod", "prod-2"]) await StackRuns.create(site, stack);
    writeFileSync(join(site.projectDir, "Pulumi.prod-3.yaml"), "config: {}\n");
  });

  after(() => site?.remove());

  it("a stack that nobody has made is not made, and holds up no other", async () => {
    const { status, stacks, stderr } = await fleet("up", "--yes");
    assert.equal(status, 1, stderr);
    assert.deepEqual(results(stacks), ["prod done", "prod-2 done", "prod-3 failed"]);
    assert.match(stacks[2]?.reason ?? "", /there is no stack prod-3 yet; to make it: npx pulumi stack init prod-3/);
    const there = await inventory(site);
    for (const [slug, stack] of Object.entries(STACKS))
      assert.equal(there.includes(`role user_${slug}`), stack !== "prod-3", slug);
  });

  it("a tenant that fails holds up none of the others, not of its own stack either, and is told with its stack", async () => {
    await StackRuns.create(site, "prod-3");
    tenantFile("flor", "prod-2");
    for (const slug of ["elsa", "flor"]) await site.query(`create role user_${slug}`);
    rmSync(join(site.projectDir, "tenants/dora.yaml"));
    const { status, stacks, stderr } = await fleet("up", "--yes", "--stack", "prod-2,prod-3");
    assert.equal(status, 1, stderr);
    assert.deepEqual(results(stacks), ["prod-2 failed", "prod-3 failed"]);
    assert.deepEqual(
      stacks.map(({ tenants }) => tenants.map(({ slug, result }) => `${slug} ${result}`)),
      [
        ["undefined unchanged", "carla unchanged", "dora removed", "flor failed"],
        ["undefined changed", "elsa failed"],
      ],
    );
    for (const { tenants } of stacks) {
      const [failure, ...more] = tenants.flatMap(({ failures }) => failures);
      assert.match(failure?.message ?? "", /role user_(elsa|flor) already exists/);
      assert.deepEqual(more, [], stderr);
    }
    for (const slug of ["elsa", "flor"]) await site.query(`drop role user_${slug}`);
    rmSync(join(site.projectDir, "tenants/flor.yaml"));
    assert.equal((await fleet("up", "--yes", "--stack", "prod-2")).status, 0);
  });

  it("Ctrl-C lets what is under way finish: nothing is left in the middle, and the next up converges", async () => {
    const { status, stacks } = await fleetInterrupted(/^prod-3: created elsa/m, "up", "--yes", "--stack", "prod-3");
    assert.equal(status, 1);
    assert.deepEqual(results(stacks), ["prod-3 stopped"]);
    assert.equal((await fleet("status", "--stack", "prod-3")).status, 1);
    const { stderr, ...again } = await fleet("up", "--yes");
    assert.equal(again.status, 0, stderr);
    assert.equal((await fleet("status")).status, 0);
    const changes = (await fleet("preview")).stacks.flatMap((stack) => Object.keys(stack.changes));
    assert.deepEqual(changes, ["same", "same", "same"]);
  });

  it("a stack of another passphrase takes no tenant: nothing is moved", async () => {
    const env = { ...site.env, PULUMI_CONFIG_PASSPHRASE: "another" };
    const other = await StackRuns.create({ ...site, env }, "prod-4");
    const { status, stderr } = await move("bea", "prod-4");
    assert.deepEqual([status, /incorrect passphrase/.test(stderr)], [1, true], stderr);
    const { deployment } = JSON.parse(await other.pulumi(["stack", "export"]));
    assert.deepEqual(deployment.resources ?? [], []);
    assert.match(readFileSync(stateOf("prod"), "utf8"), /Tenant::bea"/);
    await other.pulumi(["stack", "rm", "--yes"]);
    rmSync(join(site.projectDir, "Pulumi.prod-4.yaml"), { force: true });
  });

  it("a tenant moves to another stack with nothing of its touched, also when the move died between the two states", async () => {
    const before = await inventory(site);
    const source = readFileSync(stateOf("prod"));
    const first = await move("ana", "prod-2");
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /^ana: is in prod-2\. The previews of prod and prod-2 show no change\.$/m);
    writeFileSync(stateOf("prod"), source);
    const again = await move("ana", "prod-2");
    assert.equal(again.status, 0, again.stderr);
    assert.match(again.stdout, /^ana: is in the states of prod and prod-2/m);
    assert.match(readFileSync(join(site.projectDir, "tenants/ana.yaml"), "utf8"), /^stack: prod-2$/m);
    assert.deepEqual(await inventory(site), before);
  });

  it("a deployment of files from before the move fails and deletes nothing; one of the new ones changes nothing", async () => {
    const before = await inventory(site);
    tenantFile("ana", "prod");
    const { stacks } = await fleet("up", "--yes", "--stack", "prod-2");
    assert.deepEqual(results(stacks), ["prod-2 failed"]);
    assert.match(JSON.stringify(stacks[0]?.tenants), /protect/);
    assert.deepEqual(await inventory(site), before);
    tenantFile("ana", "prod-2");
    const up = await fleet("up", "--yes");
    assert.equal(up.status, 0, up.stderr);
    assert.deepEqual(
      up.stacks.flatMap((stack) => Object.keys(stack.changes)),
      ["same", "same", "same"],
    );
    assert.deepEqual(await inventory(site), before);
    assert.equal((await fleet("status")).status, 0);
  });

  it("destroy takes the fleet stack last, and leaves nothing", async () => {
    const { status, stacks, stderr } = await fleet("destroy", "--yes");
    assert.equal(status, 0, stderr);
    assert.deepEqual(results(stacks), ["prod-2 done", "prod-3 done", "prod done"]);
    assert.deepEqual(await inventory(site), []);
  });

  function tenantFile(slug: string, stack: string): void {
    const lines = `frontendUrl: https://${slug}.example.com\n${stack === "prod" ? "" : `stack: ${stack}\n`}`;
    writeFileSync(join(site.projectDir, "tenants", `${slug}.yaml`), lines);
  }

  /** File of a stack's state. */
  function stateOf(stack: string): string {
    return join(site.backendDir, ".pulumi/stacks/b2b-tenants", `${stack}.json`);
  }

  function move(slug: string, to: string) {
    return command(undefined, "move", slug, "--to-stack", to, "--yes");
  }

  function fleet(...args: string[]) {
    return fleetInterrupted(undefined, ...args);
  }

  async function fleetInterrupted(at: RegExp | undefined, ...args: string[]) {
    const { stdout, ...rest } = await command(at, "fleet", ...args, "--json");
    return { ...rest, stacks: stdout === "" ? [] : stacksIn(JSON.parse(stdout)) };
  }

  /** @param at What it has printed when it gets the signal of a Ctrl-C. */
  async function command(at: RegExp | undefined, ...args: string[]) {
    const child = spawn(process.execPath, ["cli/b2b-tenants.js", ...args], {
      cwd: site.projectDir,
      env: { ...process.env, ...site.env, INIT_CWD: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    let sent = false;
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      if (at === undefined || sent || !at.test(said)) return;
      sent = child.kill("SIGINT");
    });
    const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, "close")]);
    site.transcript.push(stdout, said);
    return { status, stdout, stderr: said };
  }
});

function stacksIn(printed: { stacks: StackOutcome[] } | StackStatus[]): StackOutcome[] {
  return Array.isArray(printed) ? [] : printed.stacks;
}

function results(stacks: readonly StackOutcome[]): string[] {
  return stacks.map(({ stack, result }) => `${stack} ${result}`);
}
