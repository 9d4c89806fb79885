import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { constants, gunzipSync } from "node:zlib";
import { Client } from "pg";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { boot, tick } from "../../rehearsal/session/boot";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { ownSchemaProblems } from "../../rehearsal/story/own-schema";
import { inventory, sharedAlarms } from "./inventory";
import { type Site, startSite } from "./site";
import { type Run, StackRuns } from "./stack-runs";

const cli = findPulumiCli();

const SHARED_ALARMS = [
  "CPUUtilization",
  "DatabaseConnections",
  "DatabaseConnections",
  "FreeStorageSpace",
  "FreeableMemory",
  "b2b-tenants-prod-b2b-platform-alarms",
];

const FLEET = ["distribuidora_mx", "farmacon", "farmacruz"];

// The tests are one story of one stack, in this order.
describe("the life of tenants under the Pulumi CLI", { skip: cli ? false : NO_CLI }, () => {
  let site: Site;
  let prod: StackRuns;
  /** Every secret that was ever in use, to be found nowhere in clear. */
  const secrets = new Set<string>();

  before(async () => {
    assert.ok(cli);
    site = await startSite(cli);
    for (const part of ["cli", "ops"])
      cpSync(join(PROJECT_DIR, part), join(site.projectDir, part), { recursive: true });
    prod = await StackRuns.create(site, "prod");
    secrets.add(site.settings.postgres.adminPassword);
  });

  after(() => site?.remove());

  it("the first up brings the three tenants to life", async () => {
    const run = await prod.up();
    succeeded(run);
    assert.deepEqual(new Set(run.changes.map((change) => change.split(" ")[0])), new Set(["create"]));
    const there = await inventory(site);
    for (const slug of FLEET) {
      assert.ok(there.includes(`role user_${slug}`) && there.includes(`instance of ${slug}`), there.join("\n"));
    }
    assert.deepEqual(await sharedAlarms(site), SHARED_ALARMS);
  });

  it("the output `tenants` is the quick reference, complete and without a credential", async () => {
    const { tenants } = await prod.outputs();
    assert.equal(tenants?.secret, false);
    assert.deepEqual(Object.keys(tenants.value).sort(), FLEET);
    for (const [slug, { server, ...row }] of Object.entries<{ server: string }>(tenants.value)) {
      assert.match(server, /^ec2-[\d-]+\.\S+\.amazonaws\.com$/);
      const ssmPath = `/b2b-tenants/prod/${slug}/env`;
      assert.deepEqual(row, { databaseUser: `user_${slug}`, schema: `schema_${slug}`, ssmPath, stack: "prod" });
    }
  });

  it("a second up changes nothing, and a refresh finds nothing changed", async () => {
    nothingChanged(await prod.up({ expectNoChanges: true }));
    nothingChanged(await prod.refresh({ expectNoChanges: true }));
    nothingChanged(await prod.preview({ expectNoChanges: true, refresh: true }));
  });

  it("a preview needs no database", async () => {
    await site.settings.postgres.stop();
    try {
      nothingChanged(await prod.preview({ expectNoChanges: true }));
    } finally {
      await site.startPostgresAgain();
    }
  });

  it("each server boots, and its .env alone logs in to its own schema", async () => {
    for (const slug of FLEET) assert.deepEqual(await ownSchemaProblems(slug, await booted("prod", slug)), []);
  });

  it("no tenant reaches another: each has tried", async () => {
    const { holds, pairs, leaks } = await verified("prod");
    assert.deepEqual(leaks, []);
    assert.deepEqual([holds, pairs], [true, 6]);
  });

  it("a changed tenant file touches that tenant alone, and arrives", async () => {
    tenantFile(
      "farmacon",
      "frontendUrl: https://new.farmacon.example.com\ndatabase:\n  connectionLimit: 7\nserver:\n  pooler: session\n",
    );
    const run = await prod.up();
    succeeded(run);
    assert.deepEqual(run.changes, [
      "create farmacon-pooler",
      "update farmacon-env-ALLOWED_ORIGINS",
      "update farmacon-env-FRONTEND_URL",
      "update farmacon-role",
    ]);
    const { env, envFile } = await tick(bootSession("prod"), "farmacon");
    assert.match(readFileSync(envFile, "utf8"), /^DATABASE_URL=.*@127\.0\.0\.1:6433\//m);
    assert.equal(env.FRONTEND_URL, "https://new.farmacon.example.com");
    assert.equal(env.ALLOWED_ORIGINS, "https://new.farmacon.example.com,http://localhost:3000");
    const [role] = await site.query("select rolconnlimit from pg_roles where rolname = 'user_farmacon'");
    assert.deepEqual(role, { rolconnlimit: 7 });
  });

  it("a preview of a rotation, as JSON too, shows no secret", async () => {
    tenantFile(
      "distribuidora_mx",
      "frontendUrl: https://d2abc.cloudfront.net\nrotation:\n  password: 2\n  secretKey: 2\n",
    );
    const run = await prod.preview();
    succeeded(run);
    const preview = JSON.parse(await prod.pulumi(["preview", "--json"]));
    assert.ok(preview.steps.length > 3, "the rotation is not in the preview");
    noSecretIn(JSON.stringify(preview), "preview --json");
    noSecretIn(run.output, "preview");
  });

  it("a rotated password and key arrive on the running server, and the old password is refused", async () => {
    const { env: old } = await tick(bootSession("prod"), "distribuidora_mx");
    const run = await prod.up();
    succeeded(run);
    assert.deepEqual(
      run.changes.filter((change) => !change.includes(" distribuidora_mx-")),
      [],
    );
    const { env, systemctl } = await tick(bootSession("prod"), "distribuidora_mx");
    assert.notEqual(env.SECRET_KEY, old.SECRET_KEY);
    assert.equal(await currentUser(env.DATABASE_URL), "user_distribuidora_mx");
    // Nobody is refused until the server is seen to use the new login.
    assert.equal(await currentUser(old.DATABASE_URL), "user_distribuidora_mx");
    assert.match(run.output, /its server has not been seen to change over to user2_distribuidora_mx/);
    const backend = new Client({ connectionString: env.DATABASE_URL });
    await backend.connect();
    assert.deepEqual((await prod.up()).changes, ["update distribuidora_mx-handover"]);
    await backend.end();
    await prod.pulumi(["preview", "--refresh", "--expect-no-changes"]);
    await assert.rejects(currentUser(old.DATABASE_URL), /password authentication failed/);
    assert.match(systemctl.at(-1) ?? "", /^restart --no-block farmacruz-backend\.service$/);
    keepSecretsOf(env);
  });

  it("a changed SQL file runs again for every tenant, and changes nothing else", async () => {
    appendFileSync(
      join(site.projectDir, "sql/tenant_init.sql"),
      "\ncreate table if not exists deliveries (id integer);\n",
    );
    const run = await prod.up();
    succeeded(run);
    assert.deepEqual(
      run.changes,
      FLEET.map((slug) => `update ${slug}-init`),
    );
    const rows = await site.query<{ owner: string }>(
      "select tableowner as owner from pg_tables where tablename = 'deliveries' and schemaname like 'schema%' order by 1",
    );
    assert.deepEqual(
      rows.map(({ owner }) => owner),
      FLEET.map((slug) => `user_${slug}`),
    );
  });

  it("a tenant whose file names another stack lives in that stack alone", async () => {
    tenantFile("hospital", "frontendUrl: https://hospital.example.com\nstack: prod-hospital\n");
    const before = await inventory(site);
    const own = await StackRuns.create(site, "prod-hospital");
    const made = await own.up();
    succeeded(made);
    assert.deepEqual(
      made.changes.filter((change) => !/^create (hospital\b|b2b-tenants-|database-admin$|default)/.test(change)),
      [],
    );
    nothingChanged(await prod.preview({ expectNoChanges: true }));
    assert.deepEqual(await ownSchemaProblems("hospital", await booted("prod-hospital", "hospital")), []);
    const { holds, pairs } = await verified("prod-hospital");
    assert.deepEqual([holds, pairs], [true, FLEET.length]);
    // The database is watched, and people are told, from one stack.
    assert.deepEqual(await sharedAlarms(site), SHARED_ALARMS);
    succeeded(await own.destroy());
    assert.deepEqual(await inventory(site), before);
    nothingChanged(await prod.preview({ expectNoChanges: true, refresh: true }));
  });

  it("a removed file offboards that tenant alone", async () => {
    const before = await inventory(site);
    rmSync(join(site.projectDir, "tenants/farmacruz.yaml"));
    const run = await prod.up();
    succeeded(run);
    assert.deepEqual(
      run.changes.filter((change) => !/^delete farmacruz(-|$)/.test(change)),
      [],
    );
    assert.deepEqual(
      await inventory(site),
      before.filter((entry) => !entry.includes("farmacruz")),
    );
    for (const slug of ["distribuidora_mx", "farmacon"]) {
      const { env } = await tick(bootSession("prod"), slug);
      assert.equal(await currentUser(env.DATABASE_URL), `user_${slug}`);
    }
  });

  it("no secret was printed, is in the exported state, or in any file of the backend or of the CLI", async () => {
    assert.ok(secrets.size >= 10, "too few secrets to look for");
    noSecretIn(site.transcript.join("\n"), "what the CLI printed");
    noSecretIn(await prod.pulumi(["stack", "export"]), "stack export");
    for (const folder of [site.backendDir, site.pulumiHome]) {
      for (const file of filesIn(folder)) noSecretIn(contentOf(file), file);
    }
  });

  it("destroy leaves nothing behind", async () => {
    succeeded(await prod.destroy());
    assert.deepEqual([...(await inventory(site)), ...(await sharedAlarms(site))], []);
    const { deployment } = JSON.parse(await prod.pulumi(["stack", "export"]));
    assert.deepEqual(deployment.resources ?? [], []);
  });

  function tenantFile(slug: string, text: string): void {
    writeFileSync(join(site.projectDir, "tenants", `${slug}.yaml`), text);
  }

  function bootSession(stack: string) {
    return { home: site.home, moto: site.moto, region: site.settings.region, stack, environment: "prod" };
  }

  async function booted(stack: string, slug: string): Promise<Readonly<Record<string, string>>> {
    const { env } = await boot(bootSession(stack), slug);
    keepSecretsOf(env);
    return env;
  }

  async function verified(stack: string): Promise<{ holds: boolean; pairs: number; leaks: unknown[] }> {
    const child = spawn(process.execPath, ["cli/b2b-tenants.js", "verify", "--stack", stack, "--json"], {
      cwd: site.projectDir,
      env: { ...process.env, ...site.env, INIT_CWD: undefined },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    noSecretIn(stdout + stderr, "what verify prints");
    return JSON.parse(stdout);
  }

  function keepSecretsOf(env: Readonly<Record<string, string>>): void {
    const { SECRET_KEY, DATABASE_URL } = env;
    assert.ok(SECRET_KEY && DATABASE_URL);
    secrets.add(SECRET_KEY).add(new URL(DATABASE_URL).password);
  }

  function noSecretIn(text: string, place: string): void {
    for (const form of [...secrets].flatMap(formsOf))
      assert.ok(!text.includes(form), `a secret is in clear in ${place}`);
  }
});

/** What gives a secret away as much as itself: an id has been known to hold the same bytes in base64. */
function formsOf(secret: string): string[] {
  const bytes = [Buffer.from(secret), ...(/^([0-9a-f]{2})+$/.test(secret) ? [Buffer.from(secret, "hex")] : [])];
  // Without the last characters, which depend on what follows the secret, and so of any padding.
  const encoded = bytes.flatMap((raw) => [raw.toString("base64"), raw.toString("base64url"), raw.toString("hex")]);
  return [secret, ...encoded.map((form) => form.replace(/=+$/, "").slice(0, -1))];
}

function succeeded(run: Run): void {
  assert.ok(run.ok, run.output);
}

function nothingChanged(run: Run): void {
  succeeded(run);
  assert.deepEqual(run.changes, []);
}

async function currentUser(url: string | undefined): Promise<string> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query("select current_user as name")).rows[0].name;
  } finally {
    await client.end();
  }
}

/** The CLI compresses its logs, and adds to one piece by piece; the last piece may have no end yet. */
function contentOf(file: string): string {
  const bytes = readFileSync(file);
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (isCompressed ? gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }) : bytes).toString("latin1");
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
