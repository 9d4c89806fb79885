import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { PreviewDigest } from "../../rehearsal/display/preview-json";
import { destroy, type EngineOptions, preview, type RunResult, refreshState, up } from "../../rehearsal/engine/engine";
import type { DeploymentObserver } from "../../rehearsal/engine/step";
import type { Plugin } from "../../rehearsal/protocol/plugin";
import type { Props } from "../../rehearsal/protocol/property-values";
import { programRun, providerCalls, type RecordedCall, scenarios } from "../conformance/recordings";
import { Replay, ReplayPlugin } from "../conformance/replay-plugin";
import { runHosted } from "./program-host";

const SAMPLES = path.join(__dirname, "..", "conformance", "samples");
const PLUGINS = ["postgresql", "random", "pulumi-nodejs"];
const PASSPHRASE = "x";

/** Where this engine makes other calls than the CLI did, and why. */
const DIFFERENCES: Readonly<Record<string, { readonly once: true; readonly why: string }>> = {
  "05-refresh": {
    once: true,
    why: "the CLI refreshed twice, for its preview and for good, with the same calls; the rehearsal refreshes once",
  },
  "18-refresh-after-manual-drop": { once: true, why: "the same" },
};

const EXPECTED_FAILURES: Readonly<Record<string, RegExp>> = {
  "06-up-replace-schema": /must be owner of schema schema_farmacruz/,
  "07-up-replace-back": /schema "schema_farmacruz2" does not exist/,
  "11-up-role-exists": /role "user_farmacruz" already exists/,
  "12-up-bad-privilege": /FLY is not an allowed privilege/,
  "16-destroy-protected": /cannot be deleted because it is protected/,
};

describe("the engine, running the recorded program, makes the provider calls that Pulumi's engine made", () => {
  let folder: string;
  let digest: Props;
  let firstState: Props;
  /** Of all runs, as of a process that makes many. */
  const { signal } = new AbortController();

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "engine-"));
    mkdirSync(path.join(folder, "components"));
    cpSync(path.join(SAMPLES, "program.js"), path.join(folder, "index.js"));
    cpSync(path.join(SAMPLES, "script-impl.js"), path.join(folder, "components", "script-impl.js"));
    symlinkSync(path.join(__dirname, "..", "..", "node_modules"), path.join(folder, "node_modules"));
    writeFileSync(path.join(folder, "package.json"), "{}");
    const project = "name: b2b-tenants\nruntime: {name: nodejs, options: {typescript: false}}\nmain: index.js\n";
    writeFileSync(path.join(folder, "Pulumi.yaml"), project);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const all = scenarios();
  test("all twenty recordings are here", () => assert.equal(all.length, 20));

  for (const [index, scenario] of all.entries()) {
    // A call that is missing while a failure is held back would be waited for without end.
    test(scenario, { timeout: 120_000 }, async () => {
      const recorded = providerCalls(scenario, PLUGINS);
      const later = all.slice(index + 1).flatMap((name) => providerCalls(name, PLUGINS));
      const replay = new Replay(recorded);
      const plugins = PLUGINS.map((name) => new ReplayPlugin(name, replay, (call) => leftBy(call, later)));
      const observer = scenario === "03-preview-change" ? new PreviewDigest() : {};
      const result = await run(scenario, plugins, observer);
      assert.deepEqual(replay.unexpected, [], "calls that the recording does not have");
      const failure = EXPECTED_FAILURES[scenario];
      if (failure) {
        assert.ok(
          result.failures.some(({ message }) => failure.test(message)),
          JSON.stringify(result.failures),
        );
      } else {
        assert.deepEqual(result.failures, []);
      }
      const missing = DIFFERENCES[scenario]?.once ? replay.made : [];
      assert.deepEqual(keysOf(replay.missing), keysOf(missing), "calls of the recording that were not made");
      if (observer instanceof PreviewDigest) digest = observer.digest(configOf("03-preview-change")) as Props;
      if (scenario === "01-up") firstState = JSON.parse(readFileSync(statePath(), "utf8"));
    });
  }

  test("`preview --json` has the recorded shape", () => {
    const recorded = JSON.parse(readFileSync(path.join(SAMPLES, "preview.json"), "utf8"));
    const { steps, ...rest } = digest;
    const { steps: recordedSteps, ...recordedRest } = recorded;
    assert.deepEqual(byUrn(steps), byUrn(recordedSteps));
    assert.deepEqual(shapeOf(rest), shapeOf(recordedRest));
  });

  test("the state has the recorded shape", () => {
    const recorded = JSON.parse(readFileSync(path.join(SAMPLES, "stack-export.json"), "utf8"));
    const { resources, ...rest } = firstState.deployment as Props;
    const { resources: recordedResources, ...recordedRest } = recorded.deployment;
    assert.deepEqual(byUrn(resources), byUrn(recordedResources));
    assert.deepEqual(shapeOf(rest), shapeOf(recordedRest));
  });

  function statePath(): string {
    return path.join(folder, "state.json");
  }

  async function run(
    scenario: string,
    plugins: readonly ReplayPlugin[],
    observer: DeploymentObserver,
  ): Promise<RunResult> {
    const served = new Map<string, Plugin>();
    for (const plugin of plugins) served.set(plugin.name, { port: await plugin.listen(), stop: async () => {} });
    const options: EngineOptions = {
      projectDir: folder,
      stack: "prod",
      config: configOf(scenario),
      statePath: statePath(),
      passphrase: PASSPHRASE,
      pluginFor: (name) => async () => served.get(name) ?? assert.fail(`no ${name} in the recordings`),
      // The SDK's stack trace for every promise is more than half of the program's time.
      env: { ...process.env, NODE_OPTIONS: "--stack-trace-limit=0" },
      startProgram: runHosted,
      // The recordings are of runs that stopped at a failure.
      continueOnError: false,
      parallel: 8,
      observer,
      signal,
    };
    try {
      if (scenario.includes("destroy")) return await destroy(options);
      if (scenario.includes("refresh")) return await refreshState(options, async () => undefined);
      return scenario.includes("preview") ? await preview(options) : await up(options);
    } finally {
      for (const plugin of plugins) plugin.close();
      assert.deepEqual(getEventListeners(signal, "abort"), [], "a run that has ended still waits for an interruption");
    }
  }
});

/** The program's configuration as the recording has it; a refresh or destroy, which runs no program, needs none. */
function configOf(scenario: string): EngineOptions["config"] {
  const run = programRun(scenario);
  return { values: run?.config ?? {}, secretKeys: run?.configSecretKeys ?? [] };
}

/** The calls as texts that can be compared; what differs from one call to the same call again is left out. */
function keysOf(calls: readonly RecordedCall[]): string[] {
  return calls.map(({ method, request }) => `${method} ${request.urn}`).sort();
}

/** What a failed update left in the state: what the next call about the resource says is there. */
function leftBy(failed: RecordedCall, later: readonly RecordedCall[]) {
  if (failed.method !== "Update") return undefined;
  const next = later.find(({ method, request }) => method === "Diff" && request.urn === failed.request.urn);
  return {
    id: String(failed.request.id),
    properties: (next?.request.olds ?? {}) as Props,
    inputs: (next?.request.oldInputs ?? {}) as Props,
  };
}

/** A value's keys and kinds; texts that stay the same from run to run are kept, whatever is drawn or timed is not. */
function shapeOf(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => shapeOf(item));
    return key === "dependencies" ? items.sort() : items;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return Object.fromEntries(entries.map(([name, item]) => [name, shapeOf(item, name)]));
  }
  const varies = [
    "time",
    "magic",
    "version",
    "salt",
    "created",
    "modified",
    "duration",
    "provider",
    "port",
    "ciphertext",
  ];
  const drawn = ["id", "b64Std", "b64Url", "dec", "base64", "hex"];
  return varies.includes(key) || drawn.includes(key) ? typeof value : value;
}

/** Steps or resources by what they are about: in what order independent ones come differs from run to run. */
function byUrn(items: unknown): Record<string, unknown> {
  return Object.fromEntries((items as { urn: string }[]).map((item) => [item.urn, shapeOf(item)]));
}
