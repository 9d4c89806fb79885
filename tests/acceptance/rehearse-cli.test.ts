import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findPulumiCli, NO_CLI, pulumiPath } from "../../rehearsal/pulumi/find-cli";
import { type Outcome, outcomeOf, startCommand } from "../rehearsal/scratch-rehearsal";

const cli = findPulumiCli();

// One story of one home, in this order.
describe("a rehearsal that the Pulumi CLI drives", { skip: cli ? false : NO_CLI }, () => {
  let folder: string;
  /** Of the story under the CLI. */
  let claims: string[] = [];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "rehearse-cli-"));
    // PostgreSQL, which root starts as another user, has to pass through.
    chmodSync(folder, 0o711);
  });

  after(async () => {
    await rehearse("stop");
    rmSync(folder, { recursive: true, force: true });
  });

  it("tells the story to its end", async () => {
    const { status, stdout, stderr } = await rehearse("--cli");
    assert.equal(status, 0, stdout + stderr);
    claims = stdout.split("\n").filter((line) => line.startsWith("✓"));
    assert.match(stdout, /\nEvery step held\.\n$/);
    assert.match(stderr, new RegExp(`^The Pulumi CLI ${cli?.version.replaceAll(".", "\\.")} drives`, "m"));
    assert.ok(existsSync(join(folder, "pulumi", "backend", ".pulumi", "stacks", "b2b-tenants", "prod.json")));
    assert.ok(!existsSync(join(folder, "state")));
  });

  it("goes on with the CLI where nobody says so: a preview is the CLI's, and finds nothing to do", async () => {
    const { status, stdout, stderr } = await rehearse("preview", "--json");
    assert.equal(status, 0, stdout + stderr);
    const { changeSummary } = JSON.parse(stdout);
    assert.deepEqual(Object.keys(changeSummary), ["same"]);
  });

  it("prints the stack's outputs as the CLI does", async () => {
    const { status, stdout, stderr } = await rehearse("outputs", "--json");
    assert.equal(status, 0, stdout + stderr);
    assert.deepEqual(Object.keys(JSON.parse(stdout).tenants), ["distribuidora_mx", "farmacon", "farmacruz"]);
  });

  it("destroys, without touching the project's own settings", async () => {
    const { status, stdout, stderr } = await rehearse("destroy");
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /Resources:\s+- \d+ deleted/);
  });

  it("tells the same story with the rehearsal's own engine", async () => {
    const { status, stdout, stderr } = await outcomeOf(startCommand(["--home", join(folder, "own")]));
    assert.equal(status, 0, stdout + stderr);
    const told = stdout.split("\n").filter((line) => line.startsWith("✓"));
    assert.deepEqual(told.map(comparable), claims.map(comparable));
  });

  function rehearse(...argv: string[]): Promise<Outcome> {
    assert.ok(cli);
    const env = {
      PATH: pulumiPath(cli),
      PULUMI_HOME: join(folder, "pulumi-home"),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
    return outcomeOf(startCommand([...argv, "--home", folder], { env }));
  }
});

/** A claim without what another home has differently. */
function comparable(claim: string): string {
  return claim.replace(/\/\S+/g, "PATH");
}
