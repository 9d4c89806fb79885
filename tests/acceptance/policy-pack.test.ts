import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { MISTAKES, make } from "../policy-mistakes";
import { type Site, startSite } from "./site";
import { StackRuns } from "./stack-runs";

const cli = findPulumiCli();

describe("the policy pack under the Pulumi CLI", { skip: cli ? false : NO_CLI }, () => {
  let site: Site;
  let prod: StackRuns;

  before(async () => {
    assert.ok(cli);
    site = await startSite(cli);
    prod = await StackRuns.create(site, "prod");
  });

  after(() => site?.remove());

  it("lets the program through, in its first `up` and in one that changes nothing", async () => {
    for (const expected of [/\d+ created/, /\d+ unchanged/]) {
      const { status, stdout, stderr } = await prod.call(["up", "--yes", "--policy-pack", "policy"]);
      assert.equal(status, 0, stdout + stderr);
      assert.match(stdout, expected);
      assert.doesNotMatch(stdout, /\[(mandatory|advisory)\]/);
    }
  });

  it("tells every violation of a program that breaks each policy, in one preview", async () => {
    make(MISTAKES, site.projectDir);
    writeFileSync(join(site.projectDir, "tenants", "nueva.yaml"), "frontendUrl: https://d4nueva.cloudfront.net\n");
    const log = join(site.home.path, "events.jsonl");
    const { status, stdout, stderr } = await prod.call(["preview", "--policy-pack", "policy", "--event-log", log], {
      env: { PULUMI_DEBUG_COMMANDS: "true" },
    });
    assert.notEqual(status, 0, stdout + stderr);
    const events = readFileSync(log, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).policyEvent);
    const violated = events
      .filter((event) => event?.enforcementLevel === "mandatory")
      .map(({ policyName }) => policyName);
    assert.deepEqual([...new Set(violated)].sort(), MISTAKES.map(({ policy }) => policy).sort());
  });
});
