import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { policies } from "../../policy/policies";
import { preview, type RunResult, up } from "../../rehearsal/engine/engine";
import { nameOf } from "../../rehearsal/engine/urn";
import { GATE, MISTAKES, type Mistake, make, SSH } from "../policy-mistakes";
import { copyProject } from "../project-copy";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

describe("a change of the program that violates the policy pack", () => {
  let rehearsal: ScratchRehearsal;
  let copies = 0;

  before(async () => {
    rehearsal = new ScratchRehearsal({ acme: frontend("acme"), boreal: frontend("boreal") }, [], "asked");
    const { ok, failures } = await rehearsal.up();
    assert.ok(ok, failures.join("\n"));
  });
  after(() => rehearsal.remove());

  it("is told by every policy that it violates, in one preview", async () => {
    // Of a server that is there, the boot script stays as it is.
    rehearsal.declare("nueva");
    const { ok, failures } = await run(preview, MISTAKES);
    assert.equal(ok, false);
    const violated = failures.map(({ message }) => /^policy b2b-tenants\/(\S+) is violated: /.exec(message)?.[1]);
    assert.deepEqual([...new Set(violated)].sort(), MISTAKES.map(({ policy }) => policy).sort());
    assert.deepEqual(MISTAKES.map(({ policy }) => policy).sort(), policies.map(({ name }) => name).sort());
  });

  it("stops `up` before the resource is touched, and the program put right goes on from there", async () => {
    const broken = await run(up, [SSH]);
    assert.equal(broken.ok, false);
    for (const { urn, message } of broken.failures) {
      assert.match(nameOf(urn), /^servers-ingress-(80|443)-/);
      assert.match(message, /^policy b2b-tenants\/no-public-ssh is violated: /);
    }
    assert.ok(broken.failures.length > 0);
    const rules = broken.state.resources.filter(({ urn }) => nameOf(urn).startsWith("servers-ingress"));
    assert.deepEqual(rules.map(({ inputs }) => inputs?.fromPort).sort(), [443, 80]);
    const { ok, failures } = await rehearsal.up();
    assert.ok(ok, failures.join("\n"));
  });

  it("with a tenant that has no gate removes nothing", async () => {
    rehearsal.withdraw("boreal");
    const { ok, failures, state } = await run(up, [GATE]);
    assert.deepEqual(
      failures.map(({ urn, message }) => `${nameOf(urn)}: ${message.split("\n")[0]}`),
      [
        "nueva: policy b2b-tenants/every-tenant-has-a-gate is violated: No tenant can be removed before its gate has let it go.",
      ],
    );
    assert.equal(ok, false);
    const left = new Set(state.resources.map(({ urn }) => nameOf(urn)));
    assert.ok(left.has("nueva-schema") && left.has("boreal-gate") && left.has("boreal-schema"));
  });

  /** Runs a copy of the program with these mistakes in it, under this checkout's policy pack. */
  function run(command: typeof up, mistakes: readonly Mistake[]): Promise<RunResult> {
    copies += 1;
    const projectDir = path.join(rehearsal.folder, `project-${copies}`);
    mkdirSync(projectDir);
    copyProject(projectDir);
    make(mistakes, projectDir);
    return command({ ...rehearsal.session.engine({}), projectDir });
  }
});
