import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { preview, type RunResult, up } from "../../rehearsal/engine/engine";
import { startPolicyPack } from "../../rehearsal/engine/policy-pack";
import { startProcess } from "../../rehearsal/protocol/plugin";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { runHosted } from "./program-host";

const PROGRAM = `
const { ComponentResource, secret } = require("@pulumi/pulumi");
class Thing extends ComponentResource {
  constructor(name, props, options) {
    super("test:index:Thing", name, props, options);
    this.registerOutputs({ shown: name + " is there" });
  }
}
const first = new Thing("first", { word: "plain" });
new Thing("second", { word: secret("hidden"), list: [1, { deep: true }] }, { parent: first, protect: true });
`;

// Small packs on a small program: what of Pulumi's Analyzer protocol the engine speaks.
describe("the engine and a policy pack", () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "policy-pack-"));
    symlinkSync(path.join(PROJECT_DIR, "node_modules"), path.join(folder, "node_modules"));
    writeFileSync(path.join(folder, "package.json"), "{}");
    writeFileSync(path.join(folder, "Pulumi.yaml"), "name: test\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(path.join(folder, "index.js"), PROGRAM);
    mkdirSync(path.join(folder, "pack"));
    writeFileSync(path.join(folder, "pack", "package.json"), '{"version": "1.2.3", "main": "index.js"}');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("each resource is told to the pack as it is registered, the stack as it is at the end, and its configuration", async () => {
    const { told, result } = await run(
      preview,
      `{
        name: "one", description: "One.", enforcementLevel: "advisory",
        validateResource: ({ type, name, urn, props, opts }, report) => {
          const { parent, protect } = opts;
          if (name === "second") report(JSON.stringify({ type, name, props, parent, protect }));
        },
      }, {
        name: "whole", description: "Whole.", enforcementLevel: "advisory",
        validateStack: ({ resources }, report) => {
          const second = resources.find(({ name }) => name === "second");
          const { props, parent } = second;
          report(JSON.stringify({ props, parent: parent.name  }), second.urn);
          report(resources.length + " " + new (require("@pulumi/pulumi").Config)("test").require("word"));
        },
      }`,
    );
    assert.deepEqual([result.ok, result.failures], [true, []]);
    const first = "urn:pulumi:dev::test::test:index:Thing::first";
    const second = "urn:pulumi:dev::test::test:index:Thing$test:index:Thing::second";
    const registered = {
      type: "test:index:Thing",
      name: "second",
      props: { list: [1, { deep: true }], word: "hidden" },
      parent: first,
      protect: true,
    };
    const atTheEnd = { props: { shown: "second is there" }, parent: "first" };
    assert.deepEqual(told, [
      `warning of ${second}: policy test-pack/one is violated: One.\n${JSON.stringify(registered)}`,
      `warning of ${second}: policy test-pack/whole is violated: Whole.\n${JSON.stringify(atTheEnd)}`,
      "warning of urn:pulumi:dev::test::pulumi:pulumi:Stack::test-dev: policy test-pack/whole is violated: Whole.\n3 configured",
    ]);
  });

  it("a mandatory violation ends an update at its resource, and a preview not at all", async () => {
    const pack = `{
      name: "never", description: "Never.", enforcementLevel: "mandatory",
      validateResource: ({ name, type }, report) => {
        if (type === "test:index:Thing") ["a", "b"].forEach((letter) => report(name + " " + letter));
      },
    }`;
    const message = (name: string) => `policy test-pack/never is violated: Never.\n${name}`;
    const previewed = await run(preview, pack);
    assert.deepEqual(
      previewed.result.failures.map((failure) => failure.message),
      ["first a", "first b", "second a", "second b"].map(message),
    );
    assert.equal(previewed.result.ok, false);
    assert.equal(previewed.result.state.resources.length, 3);
    const updated = await run(up, pack);
    assert.deepEqual(
      updated.result.failures.map((failure) => failure.message),
      [["first a", "first b"].map(message).join("\n")],
    );
    assert.deepEqual(
      updated.result.state.resources.map(({ type }) => type),
      ["pulumi:pulumi:Stack"],
    );
  });

  it("a violation of the whole stack fails an update at its end", async () => {
    const { result } = await run(
      up,
      `{
        name: "few", description: "Few.", enforcementLevel: "mandatory",
        validateStack: ({ resources }, report) => report(resources.length + " are too many"),
      }`,
    );
    assert.equal(result.ok, false);
    assert.deepEqual(
      result.failures.map(({ message }) => message),
      ["policy test-pack/few is violated: Few.\n3 are too many"],
    );
  });

  it("a policy that fails, that would change resources, or a pack that does not start is told by name", async () => {
    const broken = `{ name: "broken", description: "B.", validateResource: () => { throw new Error("no such table"); } }`;
    const changing = `{ name: "mend", description: "M.", enforcementLevel: "remediate", remediateResource: () => ({}) }`;
    for (const [pack, expected] of [
      [broken, /^the policy pack could not be asked: .*policy 'broken'.*no such table/s],
      [changing, /^policy test-pack\/mend would change resources .* which the rehearsal engine does not support$/],
      [
        '(() => { throw new Error("pack fell over") })()',
        /^the policy pack ended with status \d+ before it served: .*fell over/s,
      ],
    ] as const) {
      const { result } = await run(up, pack);
      assert.equal(result.ok, false);
      assert.match(result.failures.map(({ message }) => message).join("\n"), expected);
      assert.deepEqual(result.state.resources, []);
    }
  });

  /** Runs the program on a stack that is new, under a pack with these policies. */
  async function run(
    command: typeof up,
    policies: string,
  ): Promise<{ readonly told: string[]; readonly result: RunResult }> {
    const pack = `new (require("@pulumi/policy").PolicyPack)("test-pack", { policies: [${policies}] });\n`;
    writeFileSync(path.join(folder, "pack", "index.js"), pack);
    rmSync(path.join(folder, "state.json"), { force: true });
    const packCommand = {
      program: process.execPath,
      args: [require.resolve("@pulumi/pulumi/cmd/run-policy-pack")],
      cwd: path.join(folder, "pack"),
    };
    const told: string[] = [];
    const result = await command({
      projectDir: folder,
      stack: "dev",
      config: { values: { "test:word": "configured" }, secretKeys: [] },
      statePath: path.join(folder, "state.json"),
      passphrase: "x",
      policyPack: (about, print) => startPolicyPack(startProcess, packCommand, about, print),
      pluginFor: (name) => {
        throw new Error(`no ${name} here`);
      },
      env: process.env,
      startProgram: runHosted,
      continueOnError: false,
      parallel: 4,
      observer: { diagnostic: (severity, message, urn) => void told.push(`${severity} of ${urn}: ${message}`) },
    });
    return { told, result };
  }
});
