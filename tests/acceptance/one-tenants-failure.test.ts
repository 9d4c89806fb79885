import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Client } from "pg";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { makeByHand } from "../rehearsal/hand-made";
import { frontend } from "../rehearsal/scratch-rehearsal";
import { inventory } from "./inventory";
import { type Site, startEmptySite } from "./site";
import { type Call, StackRuns } from "./stack-runs";

const cli = findPulumiCli();
const GO_ON = ["--yes", "--skip-preview", "--continue-on-error"];

// One stack's story, in this order. Of what each tenant fails with, tests/rehearsal/one-tenants-failure.test.ts has more.
describe("of tenants that fail, none holds up another under the Pulumi CLI:", { skip: cli ? false : NO_CLI }, () => {
  let site: Site;
  let prod: StackRuns;

  before(async () => {
    assert.ok(cli);
    site = await startEmptySite(cli);
    for (const slug of ["changed", "leaving", "locked", "nowhere"]) declare(slug);
    prod = await StackRuns.create(site, "prod");
    assert.equal((await prod.call(["up", ...GO_ON])).status, 0);
  });

  after(() => site?.remove());

  it("all others reach their goal in the same up, and nothing of one whose gate fails is deleted", async () => {
    declare("new");
    declare("changed", "database: { connectionLimit: 3 }\n");
    for (const slug of ["leaving", "locked", "nowhere"]) withdraw(slug);
    declare("taken");
    await site.query("create role user_taken");
    for (const slug of ["script", "odd"]) {
      await makeByHand(site.settings.postgres, slug);
      declare(slug, "adopt: true\n");
    }
    await site.query("alter role user_odd set work_mem = '8MB'");
    const renamed =
      "drop index schema_script.idx_orders_status; alter table schema_script.orders rename status to state";
    await site.query(renamed);
    await recordDestination("nowhere", "/proc/backups");
    const [locked, nowhere] = [await of("locked"), await of("nowhere")];

    const run = await whileLocked("locked", () => prod.call(["up", ...GO_ON]));
    const failures = failuresOf(run);
    assert.deepEqual(
      failures.map((line) => line.split(" ")[0]),
      ["locked-gate", "nowhere-gate", "odd-schema-guard", "script-schema-guard", "taken-schema-guard"],
      run.stdout,
    );
    const limits = await site.query<{ limit: number }>(
      "select rolconnlimit as limit from pg_roles where rolname in ('user_changed', 'user_new') order by rolname",
    );
    assert.deepEqual(limits, [{ limit: 3 }, { limit: 10 }]);
    assert.ok((await of("new")).includes("instance of new"));
    assert.deepEqual(await of("leaving"), []);
    assert.deepEqual([await of("locked"), await of("nowhere")], [locked, nowhere]);
  });

  it("once it is mended, the same up does what is left", async () => {
    await site.query("drop role user_taken");
    await site.query("alter role user_odd reset work_mem");
    await site.query("alter table schema_script.orders rename state to status");
    await recordDestination("nowhere", site.settings.backups);
    const run = await prod.call(["up", ...GO_ON]);
    assert.equal(run.status, 0, run.stdout);
    for (const slug of ["taken", "odd", "script"]) assert.ok((await of(slug)).includes(`instance of ${slug}`), slug);
    for (const slug of ["locked", "nowhere"]) assert.deepEqual(await of(slug), []);
  });

  for (const more of [[], ["--parallel", "1"]]) {
    it(`a destroy ${more.join(" ")} keeps all of one whose gate fails`, async () => {
      const there = await of("changed");
      const run = await whileLocked("changed", () => prod.call(["destroy", ...GO_ON, ...more]));
      assert.deepEqual(
        failuresOf(run).map((line) => line.split(" ")[0]),
        ["changed-gate"],
        run.stdout,
      );
      // The server that stays is in the group that all share.
      const shared = ["access to the database of nobody", "security group of nobody"];
      assert.deepEqual(await inventory(site), [...there, ...shared].sort());
      for (const slug of ["taken", "odd", "script"]) withdraw(slug);
      const up = await prod.call(["up", ...GO_ON]);
      assert.equal(up.status, 0, up.stdout);
    });
  }

  for (const [name, target] of [
    ["its instance", "**$aws:ec2/instance:Instance::changed-instance"],
    ["its schema", "**::changed-schema"],
  ] as const) {
    it(`a destroy with ${name} as --target alone is refused, and with its dependents keeps all when the gate fails`, async () => {
      const there = await inventory(site);
      const alone = await prod.call(["destroy", ...GO_ON, "--target", target]);
      assert.notEqual(alone.status, 0, alone.stdout);
      assert.deepEqual(await inventory(site), there);
      const words = ["destroy", ...GO_ON, "--target", target, "--target-dependents"];
      const run = await whileLocked("changed", () => prod.call(words));
      assert.deepEqual(
        failuresOf(run).map((line) => line.split(" ")[0]),
        ["changed-gate"],
        run.stdout,
      );
      assert.deepEqual(await inventory(site), there);
    });
  }

  it("and in the end nothing is left", async () => {
    const run = await prod.call(["destroy", ...GO_ON]);
    assert.equal(run.status, 0, run.stdout);
    assert.deepEqual(await inventory(site), []);
  });

  function declare(slug: string, more = ""): void {
    writeFileSync(join(site.projectDir, "tenants", `${slug}.yaml`), frontend(slug) + more);
  }

  function withdraw(slug: string): void {
    rmSync(join(site.projectDir, "tenants", `${slug}.yaml`), { force: true });
  }

  async function of(slug: string): Promise<string[]> {
    return (await inventory(site)).filter((line) => new RegExp(`\\b${slug}\\b|_${slug}$`).test(line));
  }

  /** A tenant that is removed is backed up to where the last `up` of it was told. */
  async function recordDestination(slug: string, destination: string): Promise<void> {
    const state = JSON.parse(await prod.pulumi(["stack", "export"]));
    for (const { urn, inputs, outputs } of state.deployment.resources) {
      if (urn.endsWith(`::${slug}-gate`)) for (const values of [inputs, outputs]) values.destination = destination;
    }
    await prod.pulumi(["stack", "import"], JSON.stringify(state));
  }

  async function whileLocked(slug: string, work: () => Promise<Call>): Promise<Call> {
    const { host, port, database, superuser } = site.settings.postgres;
    const client = new Client({ host, port, database, ...superuser, ssl: false });
    await client.connect();
    try {
      await client.query(`begin; lock table schema_${slug}.orders in access exclusive mode`);
      return await work();
    } finally {
      await client.end();
    }
  }
});

/** What failed, as the CLI's own list at the end says it: the resource's name, and the beginning of why. Sorted. */
function failuresOf({ status, stdout }: Call): string[] {
  assert.notEqual(status, 0, stdout);
  const [, diagnostics = ""] = stdout.split("Diagnostics:\n");
  return [...diagnostics.matchAll(/^ {2}\S+ \((\S+)\):\n {4}error: (.*)$/gm)]
    .map(([, name, why]) => `${name} ${why}`)
    .sort();
}
