import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { byTenant } from "../../ops/preview-comment/by-tenant";
import { previewComment } from "../../ops/preview-comment/comment";
import { policyEventsOf, violationsIn } from "../../ops/preview-comment/event-log";
import { parsePreviewDigest } from "../../ops/preview-comment/preview-digest";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { type Site, startSite } from "./site";
import { StackRuns } from "./stack-runs";

const cli = findPulumiCli();
const PLACE = { repository: "https://github.com/bo-tech/b2b-tenants", commit: "0123abc" };

// The tests are one story of one stack, in this order.
describe("the comment on what the Pulumi CLI previews", { skip: cli ? false : NO_CLI }, () => {
  let site: Site;
  let prod: StackRuns;

  before(async () => {
    assert.ok(cli);
    site = await startSite(cli);
    prod = await StackRuns.create(site, "prod");
    tenantFile("medisur", "frontendUrl: https://d8sur.cloudfront.net\noffboarding:\n  backup: false\n");
    const { ok, output } = await prod.up();
    assert.ok(ok, output);
  });

  after(() => site?.remove());

  it("one onboarded, one changed, one replaced and two offboarded tenants are told as such", async () => {
    tenantFile("acme", "frontendUrl: https://d9acme.cloudfront.net\n");
    tenantFile("farmacruz", "frontendUrl: https://d1farmacruz.cloudfront.net\ndatabase:\n  connectionLimit: 13\n");
    tenantFile(
      "farmacon",
      "frontendUrl: https://d3farmacon.cloudfront.net\nallowedOrigins: []\nrotation:\n  server: 2\n",
    );
    for (const slug of ["distribuidora_mx", "medisur"]) rmSync(join(site.projectDir, "tenants", `${slug}.yaml`));
    const comment = await commented();
    for (const line of [
      "**1 onboarded, 1 replaced, 1 changed, 2 offboarded**",
      "> - 🔴 `medisur` **is offboarded. NO backup: offboarding.backup is false.** Schema, login role and server are deleted for good.",
      "> - 🔴 `distribuidora_mx` **is offboarded**: a verified backup is taken first, ",
      "> - 🔴 `farmacon`: server `farmacon-instance` is **replaced** by `farmacon-instance-2`: ",
      "- login role `user_acme`, at most `10` connections",
      "`connectionLimit`: `12` → `13`",
    ]) {
      assert.ok(comment.includes(line), `${line} is not in:\n${comment}`);
    }
  });

  it("a tenant file that is wrong is told at its line", async () => {
    tenantFile("acme", "frontendUrl: http://d9acme.cloudfront.net\n");
    const comment = await commented();
    const link = "[`tenants/acme.yaml:1:14`](https://github.com/bo-tech/b2b-tenants/blob/0123abc/tenants/acme.yaml#L1)";
    assert.ok(comment.includes(`- ${link}: \`'frontendUrl' must be https`), comment);
    assert.ok(comment.includes("**The preview failed: 1 error.**"), comment);
  });

  it("a preview that has failed before it began has no event log, and is told all the same", async () => {
    const { status, comment } = await checked();
    assert.notEqual(status, 0);
    assert.ok(comment.includes("**The preview failed: 1 error.**"), comment);
    rmSync(join(site.projectDir, "tenants", "acme.yaml"));
  });

  it("the program as it is passes the policy pack", async () => {
    const { status, comment } = await checked();
    assert.equal(status, 0, comment);
    assert.doesNotMatch(comment, /failed|- policy `/);
  });

  it("a program that grants to PUBLIC is told by the policy that forbids it", async () => {
    const file = join(site.projectDir, "components", "shared", "shared-database.ts");
    const program = readFileSync(file, "utf8");
    const granting = program.replace(/privileges: \[\]/, 'privileges: ["USAGE"]');
    assert.notEqual(granting, program);
    writeFileSync(file, granting);
    const { status, comment } = await checked();
    assert.notEqual(status, 0);
    for (const line of [
      "**The preview failed: 2 violations of policies.**",
      "- policy `no-grant-to-public`: `Nothing is granted to PUBLIC.`",
      "  - the platform, grant `shared-database-public-",
    ]) {
      assert.ok(comment.includes(line), `${line} is not in:\n${comment}`);
    }
    assert.ok(!comment.includes("preview failed`"), comment);
  });

  it("and `up` changes nothing then", async () => {
    const before = await deployed();
    const { status, stdout, stderr } = await prod.call(["up", "--yes", "--policy-pack", "policy"]);
    assert.notEqual(status, 0);
    assert.match(stdout + stderr, /no-grant-to-public/);
    assert.deepEqual(await deployed(), before);
  });

  /** As a workflow previews. */
  async function checked(): Promise<{ readonly status: number | null; readonly comment: string }> {
    const log = join(site.projectDir, "events.jsonl");
    rmSync(log, { force: true });
    const argv = ["preview", "--json", "--policy-pack", "policy", "--event-log", log];
    const { status, stdout, stderr } = await prod.call(argv, { env: { PULUMI_DEBUG_COMMANDS: "true" } });
    assert.notEqual(stdout, "", stderr);
    // What a workflow keeps of it.
    const kept = existsSync(log) ? policyEventsOf(readFileSync(log, "utf8"), "the log") : "";
    const digest = parsePreviewDigest(stdout, "the preview");
    return { status, comment: previewComment([byTenant("prod", digest, violationsIn(kept, "the log"))], PLACE) };
  }

  /** What the state and the database have of everything that is deployed. */
  async function deployed() {
    const { deployment } = JSON.parse(await prod.pulumi(["stack", "export"]));
    const schemas =
      "select nspname, nspowner::regrole::text as owner, nspacl::text as rights from pg_namespace order by 1";
    const roles = "select rolname, rolconnlimit, rolconfig from pg_roles order by 1";
    return [
      deployment.resources.map(({ urn, inputs }: { urn: string; inputs?: object }) => [
        urn,
        inputs?.constructor === Object ? Object.keys(inputs) : [],
      ]),
      await site.query(schemas),
      await site.query(roles),
    ];
  }

  function tenantFile(slug: string, content: string): void {
    writeFileSync(join(site.projectDir, "tenants", `${slug}.yaml`), content);
  }

  async function commented(): Promise<string> {
    const { stdout, stderr } = await prod.call(["preview", "--json"]);
    assert.notEqual(stdout, "", stderr);
    return previewComment([byTenant("prod", parsePreviewDigest(stdout, "the preview"))], PLACE);
  }
});
