import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { destroy, up } from "../../rehearsal/engine/engine";
import type { Step } from "../../rehearsal/engine/step";
import { nameOf } from "../../rehearsal/engine/urn";
import { tenantLogin } from "../../rehearsal/tenant-login";
import { makeByHand } from "./hand-made";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

describe("a schema that holds rows", () => {
  const rehearsal = new ScratchRehearsal({});
  before(() => rehearsal.open());
  after(() => rehearsal.remove());

  /** Ends a run before it carries out the step, as a crash does, and takes what it left into the state. */
  async function endedBefore(run: typeof up, step: string): Promise<void> {
    const session = await rehearsal.open();
    const beforeCall = async ({ urn }: Step) => {
      if (nameOf(urn) === step) throw new Error("crash");
    };
    assert.equal((await run(session.engine({ beforeCall }))).ok, false);
    assert.deepEqual((await rehearsal.refresh()).failures, []);
  }

  const rows = async (slug: string) => {
    const { superuser } = rehearsal.session.postgres;
    return (await rehearsal.sql(`select count(*)::int as rows from schema_${slug}.categories`, [], superuser))[0].rows;
  };

  it("of an adoption that ended early is not dropped when the tenant's file is taken away: there is no gate yet", async () => {
    await makeByHand(rehearsal.session.postgres, "byhand");
    rehearsal.declare("byhand", `${frontend("byhand")}adopt: true\n`);
    await endedBefore(up, "byhand-schema-grant");
    rehearsal.withdraw("byhand");
    const refused = await rehearsal.up();
    assert.match(
      refused.failures.join("\n"),
      /^byhand-drop-guard: schema schema_byhand was not dropped: it holds rows \(categories, products, users\), and tenant byhand has not passed its gate/,
    );
    assert.equal(await rows("byhand"), 50);

    rehearsal.declare("byhand", `${frontend("byhand")}adopt: true\n`);
    assert.deepEqual((await rehearsal.up()).failures, []);
    assert.equal(await rows("byhand"), 50);
  });

  it("of a removal that ended past the gate is the tenant's again with the next `up`, and guarded again", async () => {
    const login = await tenantLogin(rehearsal.session, "byhand");
    await endedBefore(destroy, "byhand-drop-guard");
    await assert.rejects(rehearsal.sql("select", [], login), /not permitted to log in/);
    assert.deepEqual((await rehearsal.up()).failures, []);
    const again = await tenantLogin(rehearsal.session, "byhand");
    await rehearsal.sql("insert into categories (name) values ('later')", [], again);
    assert.equal(await rows("byhand"), 51);
  });

  it("is not dropped with a row that a neighbour has written since the backup, whom no fence shuts out", async () => {
    const { superuser } = rehearsal.session.postgres;
    await endedBefore(destroy, "byhand-drop-guard");
    await rehearsal.sql("insert into schema_byhand.categories (name) values ('late')", [], superuser);
    const refused = await rehearsal.destroy();
    assert.match(
      refused.failures.join("\n"),
      /^byhand-drop-guard: schema schema_byhand was not dropped: it does not hold what its proved backup holds: somebody else/,
    );
    assert.equal(await rows("byhand"), 52);

    assert.deepEqual((await rehearsal.up()).failures, []);
    rehearsal.withdraw("byhand");
    assert.deepEqual((await rehearsal.up()).failures, []);
    assert.deepEqual(await rehearsal.sql("select from pg_namespace where nspname = 'schema_byhand'"), []);
    const manifests = readdirSync(rehearsal.home.backups).filter((name) => name.endsWith(".manifest.json"));
    const { tables } = JSON.parse(
      readFileSync(path.join(rehearsal.home.backups, manifests.sort().at(-1) ?? ""), "utf8"),
    );
    assert.deepEqual(
      tables.filter(({ name }: { name: string }) => name === "categories").map(({ rows }: { rows: number }) => rows),
      [52],
    );
  });
});

describe("a schema that holds no row", () => {
  const rehearsal = new ScratchRehearsal({ fresh: frontend("fresh") });
  after(() => rehearsal.remove());

  it("goes with its tenant's file, though the run that made it ended before the gate", async () => {
    const session = await rehearsal.open();
    const beforeCall = async ({ urn }: Step) => {
      if (nameOf(urn) === "fresh-instance") throw new Error("crash");
    };
    await up(session.engine({ beforeCall }));
    await rehearsal.refresh();
    rehearsal.withdraw("fresh");
    assert.deepEqual((await rehearsal.up()).failures, []);
    assert.deepEqual(await rehearsal.sql("select from pg_roles where rolname = 'user_fresh'"), []);
  });
});
