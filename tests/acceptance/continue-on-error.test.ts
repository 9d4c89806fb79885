import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CommandError, type EngineEvent, LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import { STACK_TYPE } from "../../domain/resource-types";
import { isProviderType, nameOf } from "../../rehearsal/engine/urn";
import { findPulumiCli, NO_CLI, pulumiPath } from "../../rehearsal/pulumi/find-cli";
import {
  failureIn,
  PROJECT,
  type Run,
  SCENARIOS,
  STACK,
  THINGS,
  writeFailingProgram,
} from "../conformance/failing-steps";

const cli = findPulumiCli();
const [, minor = 0] = (cli?.version ?? "").split(".").map(Number);
const isLater = minor >= 274;

describe("Pulumi goes on past a step that fails, as the rehearsal's engine does", { skip: !cli && NO_CLI }, () => {
  let folder: string;
  const project = () => join(folder, "project");
  before(() => {
    folder = mkdtempSync(join(tmpdir(), `${PROJECT}-`));
    mkdirSync(project());
    writeFailingProgram(project());
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [index, [name, runs]] of Object.entries(SCENARIOS).entries()) {
    it(name, async () => {
      const stack = await newStack(index);
      for (const run of runs) await expect(stack, isLater ? { ...run, ...run.later } : run);
    });
  }

  async function newStack(index: number): Promise<Stack> {
    const backend = join(folder, `backend-${index}`);
    mkdirSync(backend);
    const envVars = {
      PATH: cli ? pulumiPath(cli) : "",
      PULUMI_HOME: join(folder, "pulumi"),
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: "x",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
    // The Automation API's very first call of the CLI does not yet know the workspace's environment.
    Object.assign(process.env, envVars);
    return Stack.create(STACK, await LocalWorkspace.create({ workDir: project(), envVars }));
  }

  async function expect(stack: Stack, { command, things, failed, state, outputs }: Run): Promise<void> {
    await stack.setConfig(THINGS, { value: JSON.stringify(things) });
    const errors = new Set<string>();
    const onEvent = ({ diagnosticEvent }: EngineEvent) => {
      // The CLI itself says at the end that it failed, and passes on what a plugin prints.
      const { severity, message = "", urn } = diagnosticEvent ?? {};
      if (severity === "error" && urn !== undefined && !/^(update|preview) failed/.test(plain(message))) {
        errors.add(failureIn(plain(message)));
      }
    };
    const options = { continueOnError: true, onEvent };
    const done = await (command === "up" ? stack.up(options) : stack.destroy(options)).then(
      () => true,
      (error) => {
        if (!(error instanceof CommandError)) throw error;
        return false;
      },
    );
    assert.deepEqual([...errors].sort(), failed);
    assert.equal(done, failed.length === 0);
    const { resources = [], pending_operations: pending = [] } = (await stack.exportStack()).deployment;
    const kept = resources.filter(({ type }: { type: string }) => type !== STACK_TYPE && !isProviderType(type));
    assert.deepEqual(kept.map(({ urn }: { urn: string }) => nameOf(urn)).sort(), state);
    assert.deepEqual(pending, []);
    if (outputs === undefined) return;
    const values = Object.entries(await stack.outputs()).map(([key, { value }]) => [key, value]);
    assert.deepEqual(Object.fromEntries(values), outputs);
  }
});

/** A message of the CLI's without what colours it. */
function plain(message: string): string {
  return message.replace(/<\{%.*?%\}>/g, "").trim();
}
