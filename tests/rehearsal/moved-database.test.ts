import assert from "node:assert/strict";
import { after, it } from "node:test";
import { preview, up } from "../../rehearsal/engine/engine";
import { nameOf } from "../../rehearsal/engine/urn";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

const rehearsal = new ScratchRehearsal({ acme: frontend("acme") });
after(() => rehearsal.remove());

/** What a setting of another `database.name` does. Gives the failures, as `acme-role: what happened`. */
async function moveTo(name: string, run: typeof up): Promise<string[]> {
  const session = await rehearsal.open();
  const options = session.engine({});
  const database = { ...JSON.parse(options.config.values["b2b-tenants:database"] ?? ""), name };
  const values = { ...options.config.values, "b2b-tenants:database": JSON.stringify(database) };
  // The kept policy pack has the settings that it was started with; one that is started for these agrees with them.
  const { failures } = await run({ ...options, policyPack: undefined, config: { ...options.config, values } });
  return failures.map(({ urn, message }) => `${nameOf(urn)}: ${message.trim()}`);
}

it("a tenant does not follow another database.name: it is refused before anything is changed, in the preview already", async () => {
  assert.deepEqual((await rehearsal.up()).failures, []);
  await rehearsal.sql("create database elsewhere");
  // With all else that a run could change.
  rehearsal.declare("acme", `${frontend("acme")}rotation: { password: 2 }\n`);
  const login = await tenantLogin(rehearsal.session, "acme");
  for (const run of [preview, up]) {
    const [failure, ...others] = await moveTo("elsewhere", run);
    assert.match(
      failure ?? "",
      /^acme-schema-guard: tenant acme lives in database postgres, and b2b-tenants:database names elsewhere: .*Nothing of it was changed/,
    );
    assert.deepEqual(others, []);
  }
  const [{ tables }] = await rehearsal.sql(
    "select count(*)::int as tables from pg_tables where schemaname = 'schema_acme'",
    [],
    login,
  );
  assert.equal(tables, 15);
});
