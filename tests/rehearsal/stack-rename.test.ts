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

it("a renamed stack goes on with its tenants as they are: no name of theirs holds its own", async () => {
  assert.deepEqual((await rehearsal.up()).failures, []);
  renameStack();
  rehearsal.declare("acme", `${frontend("acme")}stack: production\n`);
  const { failures, changes } = await rehearsal.preview(...RENAMED);
  assert.deepEqual(failures, []);
  assert.deepEqual(
    changes.filter((change) => change.includes("acme")),
    [],
  );
});
