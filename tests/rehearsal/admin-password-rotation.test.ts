import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, it } from "node:test";
import { escapeLiteral } from "pg";
import { preview, type RunResult, up } from "../../rehearsal/engine/engine";
import type { Step } from "../../rehearsal/engine/step";
import { nameOf } from "../../rehearsal/engine/urn";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

// What docs/setup.md says of a new password for the admin: the state holds the old one, for removals, until an `up`.

const NEW_PASSWORD = "another-password-of-the-admin";

const rehearsal = new ScratchRehearsal({ acme: frontend("acme"), farma: frontend("farma") });
after(() => rehearsal.remove());

/** What a run with the new password in the settings changes, and what fails in it. */
async function withNewPassword(run: typeof up): Promise<{ changes: string[]; failures: string[] }> {
  const steps: Step[] = [];
  const session = await rehearsal.open();
  const options = session.engine({ done: (step) => void steps.push(step) });
  const values = { ...options.config.values, "b2b-tenants:adminPassword": NEW_PASSWORD };
  // A policy pack of these settings: the kept one has those that it was started with.
  const result: RunResult = await run({ ...options, policyPack: undefined, config: { ...options.config, values } });
  return {
    changes: steps.flatMap(({ op, urn }) => (op === "same" ? [] : [`${op} ${nameOf(urn)}`])).sort(),
    failures: result.failures.map(({ urn, message }) => `${nameOf(urn)}: ${message.trim()}`),
  };
}

const updates = (slug: string) => [`update ${slug}-drop-guard`, `update ${slug}-gate`];

it("a new password of the admin's reaches guards and gates by one `up`, and before it no removal drops anything", async () => {
  assert.deepEqual((await rehearsal.up()).failures, []);
  const login = await tenantLogin(rehearsal.session, "acme");
  await rehearsal.sql("insert into categories (name) values ('pain')", [], login);
  await rehearsal.sql(`alter role postgres password ${escapeLiteral(NEW_PASSWORD)}`);

  // Removed in the very run that brings the password: its gate still logs in with the one that the state holds.
  rehearsal.withdraw("acme");
  const early = await withNewPassword(up);
  assert.equal(early.failures.length, 1);
  assert.match(
    early.failures[0] ?? "",
    /^acme-gate: .*was not removed: .*cannot log in as postgres.*Nothing was dropped.*put the tenant's file back, run `up` with today's, and then remove the tenant again/s,
  );
  assert.deepEqual(early.changes, [...updates("farma"), "update database-admin"].sort());
  assert.deepEqual(await rehearsal.sql("select name from categories", [], login), [{ name: "pain" }]);

  rehearsal.declare("acme");
  assert.deepEqual(await withNewPassword(up), { changes: updates("acme"), failures: [] });
  assert.deepEqual(await withNewPassword(preview), { changes: [], failures: [] });

  rehearsal.withdraw("acme");
  const removed = await withNewPassword(up);
  assert.deepEqual(removed.failures, []);
  assert.ok(removed.changes.includes("delete acme-gate") && removed.changes.includes("delete acme-schema"));
  assert.equal(readdirSync(rehearsal.home.backups).filter((name) => name.endsWith(".manifest.json")).length, 1);
});
