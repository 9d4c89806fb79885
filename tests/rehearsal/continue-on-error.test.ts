import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { STACK_TYPE } from "../../domain/resource-types";
import { destroy, stackOutputs, up } from "../../rehearsal/engine/engine";
import { isProviderType, nameOf } from "../../rehearsal/engine/urn";
import { plugin } from "../../rehearsal/session/run-processes";
import {
  failureIn,
  PROJECT,
  type Run,
  SCENARIOS,
  STACK,
  THINGS,
  writeFailingProgram,
} from "../conformance/failing-steps";
import { runHosted } from "./program-host";
import { SHARED } from "./shared-processes";

const PASSPHRASE = "x";

// The same table holds under Pulumi's CLI: tests/acceptance/continue-on-error.test.ts.
describe("the engine goes on past a step that fails, as Pulumi does with --continue-on-error", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), `${PROJECT}-`));
    writeFailingProgram(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [name, runs] of Object.entries(SCENARIOS)) {
    it(name, async () => {
      rmSync(statePath(), { force: true });
      for (const run of runs) await expect(run);
    });
  }

  async function expect({ command, things, failed, state, outputs }: Run): Promise<void> {
    const result = await (command === "up" ? up : destroy)({
      projectDir: folder,
      stack: STACK,
      config: { values: { [THINGS]: JSON.stringify(things) }, secretKeys: [] },
      statePath: statePath(),
      passphrase: PASSPHRASE,
      pluginFor: (name) => plugin(SHARED.startProcess, name, new Map(), process.env),
      env: process.env,
      startProgram: runHosted,
      continueOnError: true,
      parallel: 4,
      observer: {},
    });
    assert.deepEqual(result.failures.map(({ message }) => failureIn(message)).sort(), failed);
    assert.equal(result.ok, failed.length === 0);
    const resources = result.state.resources.filter(({ type }) => type !== STACK_TYPE && !isProviderType(type));
    assert.deepEqual(resources.map(({ urn }) => nameOf(urn)).sort(), state);
    assert.deepEqual(result.state.pendingOperations, []);
    if (outputs !== undefined) assert.deepEqual(await stackOutputs(statePath(), PASSPHRASE), outputs);
  }

  function statePath(): string {
    return path.join(folder, "state.json");
  }
});
