import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { inventory } from "./inventory";
import { failedPlainly } from "./plain-failure";
import { type Site, startEmptySite } from "./site";
import { StackRuns } from "./stack-runs";

const cli = findPulumiCli();

const PASSWORD_KEY = "b2b-tenants:adminPassword";

// One tenant and one stack for all of them, in this order: what one test has broken it puts right.
describe("a mistake, under the Pulumi CLI,", { skip: cli ? false : NO_CLI }, () => {
  let site: Site;
  let prod: StackRuns;

  before(async () => {
    assert.ok(cli);
    site = await startEmptySite(cli);
    writeFileSync(tenantFile("clinica"), "frontendUrl: https://clinica.example.com\n");
    prod = await StackRuns.create(site, "prod");
  });

  after(() => site?.remove());

  it("in tenant files: every error of every file is told, and nothing is deployed", async () => {
    writeFileSync(tenantFile("acme"), "frontendUrl: http://acme.example.com\nfrontendURL: x\n");
    writeFileSync(tenantFile("Beta"), "frontendUrl: https://beta.example.com\n");
    try {
      const run = await prod.up();
      failedPlainly(run);
      assert.match(run.output, /tenants\/acme\.yaml:1:14: .*https/);
      assert.match(run.output, /tenants\/acme\.yaml:2:1: unknown key "frontendURL"/);
      assert.match(run.output, /tenants\/Beta\.yaml/);
      assert.deepEqual(await inventory(site), []);
    } finally {
      rmSync(tenantFile("acme"));
      rmSync(tenantFile("Beta"));
    }
  });

  it("no admin password: one error that names both places for it", async () => {
    await prod.removeSetting(PASSWORD_KEY);
    try {
      const run = await prod.preview();
      failedPlainly(run);
      assert.match(run.output, /'b2b-tenants:adminPassword' is missing, and so is PGPASSWORD/);
    } finally {
      await prod.setSecret(PASSWORD_KEY, site.settings.postgres.adminPassword);
    }
  });

  it("a wrong admin password: the server's answer, and no tenant", async () => {
    await prod.setSecret(PASSWORD_KEY, "Wrong-Password-1");
    try {
      const run = await prod.up();
      failedPlainly(run);
      assert.match(run.output, /password authentication failed for user "postgres"/);
      assert.doesNotMatch(run.output, /Wrong-Password-1/);
      assert.deepEqual(await inventory(site), []);
    } finally {
      await prod.setSecret(PASSWORD_KEY, site.settings.postgres.adminPassword);
    }
  });

  it("a database out of reach: where it was looked for, and no tenant", async () => {
    await site.settings.postgres.stop();
    try {
      const run = await prod.up();
      failedPlainly(run);
      assert.match(run.output, new RegExp(`127\\.0\\.0\\.1:${site.settings.postgres.port}.*refused`));
    } finally {
      await site.startPostgresAgain();
    }
    // What needs no database may have been made meanwhile; the next `up` finds it.
    assert.deepEqual(
      (await inventory(site)).filter((name) => /^(role|schema|instance) /.test(name)),
      [],
    );
  });

  it("that is put right leaves no trace: the next up converges", async () => {
    const run = await prod.up();
    assert.ok(run.ok, run.output);
    const again = await prod.up({ expectNoChanges: true });
    assert.ok(again.ok, again.output);
  });

  it("a new tenant's schema that is there already, with objects: refused before anything of it is touched", async () => {
    // The admin's own, which the provider could take over without a word.
    await site.query("create schema schema_acme authorization postgres");
    await site.query("create table schema_acme.recipes (id integer); insert into schema_acme.recipes values (7)");
    const before = await handMade();
    writeFileSync(tenantFile("acme"), "frontendUrl: https://acme.example.com\n");
    const run = await prod.up();
    failedPlainly(run);
    assert.match(run.output, /schema schema_acme already holds table schema_acme\.recipes, which this program did not/);
    assert.deepEqual(await handMade(), before);
    // A failed run does not make the stack forget the tenants it has.
    assert.deepEqual(Object.keys((await prod.outputs()).tenants?.value ?? {}), ["clinica"]);
  });

  it("taken back by removing the tenant's file: what was made by hand stays as it was", async () => {
    const before = await handMade();
    rmSync(tenantFile("acme"));
    const run = await prod.up();
    assert.ok(run.ok, run.output);
    assert.deepEqual(await handMade(), before);
    assert.deepEqual(
      (await inventory(site)).filter((entry) => entry.includes("acme")),
      ["schema schema_acme"],
    );
  });

  function tenantFile(slug: string): string {
    return join(site.projectDir, "tenants", `${slug}.yaml`);
  }

  /** The hand-made schema: its owner, rights and comment, and what is in it. */
  async function handMade(): Promise<object[]> {
    const schema = await site.query(
      "select nspowner::regrole::text, nspacl::text, obj_description(oid) from pg_namespace where nspname = 'schema_acme'",
    );
    const tables = await site.query(
      "select relname, relowner::regrole::text, relacl::text from pg_class where relnamespace = 'schema_acme'::regnamespace",
    );
    return [...schema, ...tables, ...(await site.query("select * from schema_acme.recipes"))];
  }
});
