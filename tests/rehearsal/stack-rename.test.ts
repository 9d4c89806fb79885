import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, it } from "node:test";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

const rehearsal = new ScratchRehearsal({ acme: frontend("acme") }, [], "asked");
after(() => rehearsal.remove());

const RENAMED = ["--stack", "production"];

/** What `pulumi stack rename production` does to a state. */
function renameStack(): void {
  const { home } = rehearsal;
  const state = readFileSync(home.statePath("prod"), "utf8");
  writeFileSync(home.statePath("production"), state.replaceAll("urn:pulumi:prod::", "urn:pulumi:production::"));
}

it("a renamed stack leaves no server behind that reads parameters which are gone: the preview refuses it, or a new server is made", async () => {
  assert.deepEqual((await rehearsal.up()).failures, []);
  renameStack();
  rehearsal.declare("acme", `${frontend("acme")}stack: production\n`);
  const { failures } = await rehearsal.preview(...RENAMED);
  assert.equal(failures.length, 1);
  assert.match(
    failures[0] ?? "",
    /^acme-instance: policy .* is violated: .*It reads its parameters under "\/b2b-tenants\/prod\/acme\/env", and the tenant's are under "\/b2b-tenants\/production\/acme\/env"\./s,
  );

  rehearsal.declare("acme", `${frontend("acme")}stack: production\nrotation: { server: 2 }\n`);
  const renewed = await rehearsal.preview(...RENAMED);
  assert.deepEqual(renewed.failures, []);
  assert.ok(renewed.changes.includes("create acme-instance-2") && renewed.changes.includes("delete acme-instance"));
});
