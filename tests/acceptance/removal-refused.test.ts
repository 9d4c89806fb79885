import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { Client } from "pg";
import { ssmPath } from "../../domain/names";
import { findPulumiCli, linkPulumiPrograms, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { awsClients } from "../../rehearsal/session/aws-clients";
import { type Arranged, FAULTS } from "../rehearsal/removal-faults";
import { inventory } from "./inventory";
import { failedPlainly } from "./plain-failure";
import { type Site, startEmptySite } from "./site";
import { type Call, StackRuns } from "./stack-runs";

const cli = findPulumiCli();

const ROWS = 2_000;
const DESTINATION = "b2b-tenants:backups.destination";
const UP = ["up", "--yes", "--skip-preview"];
const DESTROY = ["destroy", "--yes", "--skip-preview"];

// One site for all of them, in this order: what one test has broken it puts right.
describe("a removal under the Pulumi CLI", { skip: cli ? false : NO_CLI }, () => {
  let site: Site;
  let prod: StackRuns;
  /** Of one tenant, `hospital`. */
  let own: StackRuns;

  before(async () => {
    assert.ok(cli);
    site = await startEmptySite(cli);
    declare("acme");
    declare("bolt");
    prod = await StackRuns.create(site, "prod");
    succeeded(await prod.call(UP));
    await fill("acme");
  });

  after(() => site?.remove());

  describe("of a tenant whose file is taken away drops nothing, and the tenant goes on working, when", () => {
    for (const fault of FAULTS) {
      it(fault.name, async () => {
        const there = await everything(prod);
        const arranged = await fault.arrange(scene("acme"));
        try {
          await withDestination(prod, arranged.destination, async () => {
            withdraw("acme");
            const [run] = await Promise.all([prod.call(UP, circumstances(arranged)), arranged.meanwhile?.()]);
            refused(run, "acme", fault.message);
          });
        } finally {
          await arranged.end?.();
          declare("acme");
        }
        await assertWorks("acme");
        assert.deepEqual(await everything(prod), there);
        // Pulumi's own provider of dynamic resources takes note of every setting.
        const changes = (await prod.up()).changes.filter((change) => change !== "update default");
        assert.deepEqual(changes, arranged.destination ? ["update acme-gate", "update bolt-gate"] : []);
        assert.deepEqual(await everything(prod), there);
      });
    }
  });

  describe("of the stack that a tenant lives in,", () => {
    const fault = FAULTS.find(({ name }) => name === "there is no pg_dump");
    let there: string[];

    before(async () => {
      declare("hospital", "stack: prod-hospital\n");
      own = await StackRuns.create(site, "prod-hospital");
      succeeded(await own.call(UP));
      await fill("hospital");
      there = await everything(own);
    });

    it("by `destroy`, is refused likewise", async () => {
      assert.ok(fault);
      refused(
        await own.call(DESTROY, circumstances(await fault.arrange(scene("hospital")))),
        "hospital",
        fault.message,
      );
      await assertUnharmed();
    });

    it("by `destroy` of its schema alone, is refused by Pulumi itself: the gate stands on it", async () => {
      const run = await own.call([...DESTROY, "--target", await urnOf(own, "hospital-schema")]);
      assert.notEqual(run.status, 0, run.stdout);
      assert.match(run.stdout + run.stderr, /hospital-gate/);
      await assertUnharmed();
    });

    it("by `up` that is told to replace the schema, is refused likewise: what replaces it would drop it", async () => {
      assert.ok(fault);
      const replace = [...UP, "--replace", await urnOf(own, "hospital-schema")];
      refused(
        await own.call(replace, circumstances(await fault.arrange(scene("hospital")))),
        "hospital",
        fault.message,
      );
      await assertUnharmed();
    });

    it("by `destroy` of its schema and all that stands on it, has to pass the gate first", async () => {
      assert.ok(fault);
      const target = [...DESTROY, "--target", await urnOf(own, "hospital-schema"), "--target-dependents"];
      refused(await own.call(target, circumstances(await fault.arrange(scene("hospital")))), "hospital", fault.message);
      await assertUnharmed();

      succeeded(await own.call(target));
      assert.equal(backedUpRows("hospital"), ROWS);
    });

    it("can be gone on with, until nothing is left", async () => {
      succeeded(await own.call(DESTROY));
      assert.deepEqual(await namesIn(own), []);
      assert.deepEqual(
        (await inventory(site)).filter((entry) => entry.includes("hospital")),
        [],
      );
    });

    async function assertUnharmed(): Promise<void> {
      await assertWorks("hospital");
      assert.deepEqual(await everything(own), there);
    }
  });

  it("whose file says so only when it is taken away is backed up all the same, and shows each step", async () => {
    declare("acme", "offboarding:\n  backup: false\n");
    // No `up` between.
    withdraw("acme");
    const run = await prod.call(UP);
    succeeded(run);
    assert.equal(backedUpRows("acme"), ROWS);
    assert.match(run.stdout, /acme: fenced$/m);
    assert.match(
      run.stdout,
      /acme: backup verified: \S+\/backup_acme_\w+\.dump \(15 tables, 2,001 rows, [\d,]+ bytes\)$/m,
    );
    assert.deepEqual(
      (await inventory(site)).filter((entry) => entry.includes("acme")),
      [],
    );
    await assertAnswers("bolt");
  });

  it("needs no backup where an `up` was told so before, and the preview of that `up` shows it", async () => {
    declare("bolt", "offboarding:\n  backup: false\n");
    const { stdout } = await prod.call(["preview", "--diff"]);
    assert.match(stdout, /~ backup\s*: true => false/);
    assert.deepEqual((await prod.up()).changes, ["update bolt-gate"]);
    const { PATH } =
      (await FAULTS.find(({ name }) => name === "there is no pg_dump")?.arrange(scene("bolt")))?.env ?? {};
    withdraw("bolt");
    succeeded(await prod.call(UP, circumstances({ env: { PATH } })));
    assert.equal(backedUpRows("bolt"), undefined);
    // What all servers share stays.
    assert.deepEqual(await inventory(site), ["access to the database of nobody", "security group of nobody"]);
  });

  function declare(slug: string, more = ""): void {
    const file = join(site.projectDir, "tenants", `${slug}.yaml`);
    writeFileSync(file, `frontendUrl: https://${slug}.example.com\n${more}`);
  }

  function withdraw(slug: string): void {
    rmSync(join(site.projectDir, "tenants", `${slug}.yaml`));
  }

  function scene(slug: string) {
    const restart = async () => {
      await site.settings.postgres.stop();
      await site.startPostgresAgain();
    };
    return { folder: site.home.path, postgres: site.settings.postgres, schema: `schema_${slug}`, restart };
  }

  /** A fault's PATH may have nothing of the machine's: the CLI is still to find what is its own. */
  function circumstances({ env = {}, fileLimit }: Arranged) {
    const { PATH } = env;
    if (PATH === undefined) return { env, fileLimit };
    assert.ok(cli);
    const place = mkdtempSync(join(site.home.path, "pulumi-programs-"));
    linkPulumiPrograms(cli, place);
    return { env: { ...env, PATH: [PATH, place].join(delimiter) }, fileLimit };
  }

  async function withDestination(stack: StackRuns, destination: string | undefined, work: () => Promise<void>) {
    if (destination === undefined) return work();
    await stack.pulumi(["config", "set", "--path", DESTINATION, destination]);
    try {
      succeeded(await stack.call(UP));
      await work();
    } finally {
      await stack.pulumi(["config", "set", "--path", DESTINATION, site.settings.backups]);
    }
  }

  /** What is there in the database, in the account and in the stack's state. */
  async function everything(stack: StackRuns): Promise<string[]> {
    return [...(await inventory(site)), ...(await namesIn(stack))];
  }

  async function namesIn(stack: StackRuns): Promise<string[]> {
    const { deployment } = JSON.parse(await stack.pulumi(["stack", "export"]));
    assert.equal(deployment.pending_operations?.length ?? 0, 0);
    return (deployment.resources ?? []).map(({ urn }: { urn: string }) => urn).sort();
  }

  async function urnOf(stack: StackRuns, name: string): Promise<string> {
    const urn = (await namesIn(stack)).find((urn) => urn.endsWith(`::${name}`));
    assert.ok(urn);
    return urn;
  }

  /** A customer's rows: more than a MiB that does not compress. */
  async function fill(slug: string): Promise<void> {
    await asTenant(
      slug,
      `insert into orders (notes) select string_agg(sha512(convert_to(i || '.' || j, 'UTF8'))::text, '')
         from generate_series(1, ${ROWS}) i, generate_series(1, 12) j group by i`,
    );
  }

  async function assertWorks(slug: string): Promise<void> {
    assert.deepEqual(await asTenant(slug, "select count(*)::int as rows from orders"), [{ rows: ROWS }]);
    await asTenant(slug, "update orders set notes = notes where id = 1");
  }

  async function assertAnswers(slug: string): Promise<void> {
    assert.deepEqual(await asTenant(slug, "select 1 as one"), [{ one: 1 }]);
  }

  /** As its backend does: with what its parameter says. */
  async function asTenant(slug: string, sql: string): Promise<unknown[]> {
    const { ssm } = awsClients({ moto: site.moto, region: site.settings.region });
    const Name = `${ssmPath("prod", slug)}/DATABASE_URL`;
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    const client = new Client({ connectionString: Parameter?.Value });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Rows of `orders` in the tenant's newest backup that was proved; undefined for none. */
  function backedUpRows(slug: string): number | undefined {
    const { backups } = site.settings;
    const manifest = readdirSync(backups)
      .filter((name) => name.startsWith(`backup_${slug}_`) && name.endsWith(".manifest.json"))
      .sort()
      .at(-1);
    if (manifest === undefined) return undefined;
    const { tables } = JSON.parse(readFileSync(join(backups, manifest), "utf8"));
    return tables.find(({ name }: { name: string }) => name === "orders").rows;
  }
});

function succeeded({ status, stdout, stderr }: Call): void {
  assert.equal(status, 0, stdout + stderr);
}

/** The one message, in words alone; it begins with who was not removed, and ends with what to do. */
function refused({ status, stdout, stderr }: Call, slug: string, message: RegExp): void {
  const output = stdout + stderr;
  failedPlainly({ ok: status === 0, output });
  assert.match(output, message);
  assert.match(output, new RegExp(`${slug} was not removed: .* run \`up\`\\.$`, "ms"));
}
