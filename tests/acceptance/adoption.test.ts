import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { boot } from "../../rehearsal/session/boot";
import { byHand, contents, makeByHand, paste, query, standing } from "../rehearsal/hand-made";
import { type Site, startEmptySite } from "./site";
import { type Run, StackRuns } from "./stack-runs";

const cli = findPulumiCli();

// The tests are one story of one stack, in this order.
describe("a tenant that was made by hand, under the Pulumi CLI,", { skip: cli ? false : NO_CLI }, () => {
  let site: Site;
  let prod: StackRuns;

  before(async () => {
    assert.ok(cli);
    site = await startEmptySite(cli);
    prod = await StackRuns.create(site, "prod");
    await makeByHand(site.settings.postgres, "farmacruz");
  });

  after(() => site?.remove());

  it("is told by the preview as one that will be refused, as long as its file does not say adopt", async () => {
    tenantFile("model", "");
    tenantFile("farmacruz", "");
    const run = await prod.preview();
    forewarned(run);
    assert.match(
      run.output,
      /warning: will be refused: role user_farmacruz already exists; schema schema_farmacruz already holds .* and \d+ more, which/,
    );
  });

  it("is told likewise with what to run when it differs, each statement on a line of its own", async () => {
    const { postgres } = site.settings;
    await paste(
      postgres,
      "grant select on schema_farmacruz.products to public; alter role user_farmacruz set work_mem = '8MB'",
    );
    tenantFile("farmacruz", "adopt: true\n");
    const run = await prod.preview();
    forewarned(run);
    const lines = run.output
      .slice(run.output.indexOf("\nDiagnostics:"))
      .split("\n")
      .map((line) => line.trim());
    const told = lines.filter((line) =>
      / will be refused: tenant farmacruz cannot be adopted as it is: .* in 2 ways /.test(line),
    );
    assert.equal(told.length, 1, run.output);
    const at = lines.indexOf("-- PUBLIC has SELECT on table schema_farmacruz.products");
    const statements = lines.slice(at, at + 4);
    assert.deepEqual(statements, [
      "-- PUBLIC has SELECT on table schema_farmacruz.products",
      "revoke all on table schema_farmacruz.products from public cascade;",
      "-- role user_farmacruz sets work_mem",
      'alter role "user_farmacruz" reset "work_mem";',
    ]);
    await paste(postgres, statements.join("\n"));
  });

  it("is adopted in one up: its data as they were, its rights those of any other tenant, its password new", async () => {
    const { postgres } = site.settings;
    const data = await contents(postgres, "farmacruz");
    succeeded(await prod.up());
    assert.deepEqual(await contents(postgres, "farmacruz"), data);
    assert.deepEqual(await standing(postgres, "farmacruz"), await standing(postgres, "model"));
    const { env } = await boot(
      { home: site.home, moto: site.moto, region: site.settings.region, stack: "prod", environment: "prod" },
      "farmacruz",
    );
    const { username: user, password } = new URL(env.DATABASE_URL ?? "");
    assert.equal((await query(postgres, { user, password }, "select count(*)::int from products"))[0]?.count, 50);
    await assert.rejects(query(postgres, byHand("farmacruz"), "select"), /password authentication failed/);
  });

  it("has nothing changed by a second up, nor when adopt goes, nor when it comes to a tenant of the program's own", async () => {
    nothingChanged(await prod.up({ expectNoChanges: true }));
    tenantFile("farmacruz", "");
    nothingChanged(await prod.preview({ expectNoChanges: true, refresh: true }));
    tenantFile("model", "adopt: true\n");
    nothingChanged(await prod.up({ expectNoChanges: true }));
    nothingChanged(await prod.preview({ expectNoChanges: true }));
  });

  function tenantFile(slug: string, more: string): void {
    const text = `frontendUrl: https://${slug}.example.com\n${more}`;
    writeFileSync(join(site.projectDir, "tenants", `${slug}.yaml`), text);
  }
});

function succeeded(run: Run): void {
  assert.ok(run.ok, run.output);
}

function nothingChanged(run: Run): void {
  succeeded(run);
  assert.deepEqual(run.changes, []);
}

/** Told in words alone; a preview is for all tenants, so what one of them will be refused for does not end it. */
function forewarned({ ok, output }: Run): void {
  assert.equal(ok, true, output);
  assert.doesNotMatch(output, /^\s*at .*:\d+/m);
  assert.doesNotMatch(output, /node_modules|[Uu]nhandled|[A-Z]\w*Error\b/);
}
