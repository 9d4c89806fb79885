import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { parse, stringify } from "yaml";
import { findPulumiCli, NO_CLI, type PulumiCli } from "../../rehearsal/pulumi/find-cli";
import { type PostgresServer, startPostgres } from "../../rehearsal/servers/postgres";
import { ofOwnDatabase } from "../../rehearsal/session/stack-config";
import { query } from "../rehearsal/hand-made";
import { frontend } from "../rehearsal/scratch-rehearsal";
import { type Site, startEmptySite } from "./site";
import { StackRuns } from "./stack-runs";

const OTHER = "east2";
const cli = findPulumiCli();

// The states are moved by the CLI itself: a server goes from one Tenant in a state to a Tenant in another.
describe("a move to another database server, by the Pulumi CLI", { skip: cli === undefined ? NO_CLI : false }, () => {
  let site: Site;
  let second: PostgresServer;
  let here: StackRuns;
  let there: StackRuns;
  before(async () => {
    site = await startEmptySite(cli as PulumiCli);
    const home = join(site.home.path, "second");
    mkdirSync(home, { mode: 0o711 });
    second = await startPostgres({ home, major: 16 });
    const tenantsDir = `tenants-${OTHER}`;
    mkdirSync(join(site.projectDir, tenantsDir));
    here = await StackRuns.create(site, "prod");
    there = await StackRuns.create({ ...site, settings: { ...site.settings, postgres: second, tenantsDir } }, OTHER);
    const file = join(site.projectDir, `Pulumi.${OTHER}.yaml`);
    const { config, ...more } = parse(readFileSync(file, "utf8"));
    writeFileSync(file, stringify({ ...more, config: ofOwnDatabase({ values: config, name: "" }, OTHER).values }));
    writeFileSync(join(site.projectDir, "tenants/acme.yaml"), frontend("acme"));
  });
  after(async () => {
    await second.stop();
    await site.remove();
  });

  it("takes data and server along, and --finish drops what is left", async () => {
    for (const stack of [here, there]) {
      const { ok, output } = await stack.up();
      assert.ok(ok, output);
    }
    await site.query("insert into schema_acme.categories (name) values ('pain'), ('cold')");
    const moved = await move("--to-stack", OTHER);
    assert.match(
      moved,
      /its server has not been seen to log in there.*The previews of prod and east2 show no change\./s,
    );
    assert.deepEqual(await query(second, second.superuser, "select name from schema_acme.categories order by id"), [
      { name: "pain" },
      { name: "cold" },
    ]);
    assert.match(await move("--to-stack", OTHER, "--finish"), /acme: is in east2 alone/);
    assert.deepEqual(await site.query("select from pg_roles where rolname = 'user_acme'"), []);
    assert.deepEqual((await here.preview()).changes, []);
  });

  async function move(...words: string[]): Promise<string> {
    const child = spawn(process.execPath, ["cli/b2b-tenants.js", "move", "acme", ...words, "--yes"], {
      cwd: site.projectDir,
      env: { ...process.env, ...site.env, INIT_CWD: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
    site.transcript.push(stdout, stderr);
    return stdout + stderr;
  }
});
