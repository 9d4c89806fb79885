import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { type Site, startSite } from "./site";
import { type Run, StackRuns } from "./stack-runs";

const cli = findPulumiCli();

// One story of one stack, in this order.
describe("restore, under the Pulumi CLI,", { skip: cli ? false : NO_CLI }, () => {
  let site: Site;
  let prod: StackRuns;
  let archive: string;

  before(async () => {
    assert.ok(cli);
    site = await startSite(cli);
    for (const part of ["cli", "ops"])
      cpSync(join(PROJECT_DIR, part), join(site.projectDir, part), { recursive: true });
    prod = await StackRuns.create(site, "prod");
    succeeded(await prod.up());
    for (const slug of ["farmacon", "farmacruz"]) {
      await site.query(
        `with new as (insert into schema_${slug}.categories (name) select '${slug} ' || n from generate_series(1, 40) n returning id)
         insert into schema_${slug}.products (sku, name, category_id) select 'sku-' || id, 'añejo', id from new`,
      );
    }
  });

  after(() => site?.remove());

  it("brings back a tenant that was removed and made again, and `up` finds nothing changed", async () => {
    const [file, aside] = [join(site.projectDir, "tenants/farmacon.yaml"), join(site.projectDir, "farmacon.yaml")];
    renameSync(file, aside);
    succeeded(await prod.up());
    archive = readdirSync(site.settings.backups).find((name) => /^backup_farmacon_.*\.dump$/.test(name)) ?? "";
    renameSync(aside, file);
    succeeded(await prod.up());

    const { status, stdout, stderr } = await restore("farmacon", "--from", archive, "--json");
    assert.equal(status, 0, stderr);
    const { equal, owner, neighbours } = JSON.parse(stdout);
    assert.deepEqual([equal, owner], [true, "user_farmacon"]);
    assert.deepEqual(
      neighbours,
      ["distribuidora_mx", "farmacruz"].map((tenant) => ({ tenant, verdict: "unchanged", changes: [] })),
    );
    const [product] = await site.query(
      "insert into schema_farmacon.products (sku, name) values ('x', 'x') returning id",
    );
    assert.deepEqual(product, { id: 41 });
    assert.deepEqual((await prod.up({ expectNoChanges: true })).changes, []);
    assert.deepEqual((await prod.refresh({ expectNoChanges: true })).changes, []);
  });

  it("restores into another tenant, and refuses one that is not empty", async () => {
    const { status, stdout, stderr } = await restore("farmacon", "--from", archive, "--as", "distribuidora_mx");
    assert.equal(status, 0, stderr);
    assert.match(stdout, /✓ Proved unchanged, every row: farmacon, farmacruz\./);
    const again = await restore("farmacon", "--from", archive, "--as", "distribuidora_mx");
    assert.equal(again.status, 1);
    assert.match(
      again.stderr,
      /^error: schema_distribuidora_mx is not empty: there are rows in categories, products\. /m,
    );
  });

  async function restore(...argv: string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, ["cli/b2b-tenants.js", "restore", "--stack", "prod", ...argv], {
      cwd: site.projectDir,
      env: { ...process.env, ...site.env, INIT_CWD: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    site.transcript.push(stdout, stderr);
    assert.ok(!(stdout + stderr).includes(site.settings.postgres.adminPassword), "a password was printed");
    return { status, stdout, stderr };
  }
});

function succeeded(run: Run): void {
  assert.ok(run.ok, run.output);
}
