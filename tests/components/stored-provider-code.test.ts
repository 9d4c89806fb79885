import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as dropGuard from "../../components/dynamic/drop-guard-run";
import * as offboardingGate from "../../components/dynamic/offboarding-gate-run";
import * as schemaGuard from "../../components/dynamic/schema-guard-run";
import * as sqlScript from "../../components/dynamic/sql-script-run";
import { Tenant } from "../../components/tenant";
import { ADMIN_PASSWORD, named, type Registration, record } from "./recorder";
import { SETTINGS, tenantSpec } from "./settings";

let registrations: Registration[];

before(async () => {
  const run = await record(
    () =>
      new Tenant("acme", { spec: tenantSpec(), settings: SETTINGS, adminPassword: ADMIN_PASSWORD, stack: "prod" }, {}),
  );
  registrations = run.registrations;
});

/** The functions that a state stores, each as its source text without spaces: these are the loader's choice. */
function storedFunctions(name: string): string[] {
  const code = String(named(registrations, name).inputs.__provider);
  return [...code.matchAll(/\nreturn (async[\s\S]*?);\n\n/g)].map(([, text = ""]) => text.replace(/\s/g, ""));
}

test("what the state stores of a dynamic resource is a call into the repository, and captures nothing", () => {
  const calls = (file: string, ...wanted: [args: string, name: string][]) =>
    wanted.map(
      ([args, name]) =>
        `async${args}=>{require("tsx/cjs");returnrequire(\`\${process.cwd()}/components/dynamic/${file}\`).${name}}`,
    );
  assert.deepEqual(
    storedFunctions("acme-init"),
    calls(
      "sql-script-run",
      ["inputs", "create(inputs)"],
      ["(id,olds,news)", "diff(id,olds,news)"],
      ["(id,olds,news)", "update(id,olds,news)"],
      ["(id,props)", "read(id,props)"],
    ),
  );
  assert.deepEqual(
    storedFunctions("acme-schema-guard"),
    calls(
      "schema-guard-run",
      ["(olds,news)", "check(olds,news)"],
      ["inputs", "create(inputs)"],
      ["(id,olds,news)", "diff(id,olds,news)"],
      ["(id,olds,news)", "update(id,olds,news)"],
    ),
  );
  assert.deepEqual(
    storedFunctions("acme-drop-guard"),
    calls(
      "drop-guard-run",
      ["inputs", "create(inputs)"],
      ["(id,olds,news)", "diff(id,olds,news)"],
      ["(id,olds,news)", "update(id,olds,news)"],
      ["(id,props)", "remove(id,props)"],
    ),
  );
  assert.deepEqual(
    storedFunctions("acme-gate"),
    calls(
      "offboarding-gate-run",
      ["inputs", "create(inputs)"],
      ["(id,olds,news)", "diff(id,olds,news)"],
      ["(id,olds,news)", "update(id,olds,news)"],
      ["(id,props)", "remove(id,props)"],
    ),
  );
  for (const name of ["acme-init", "acme-schema-guard", "acme-drop-guard", "acme-gate"]) {
    const scopes = String(named(registrations, name).inputs.__provider).match(/with\(\{.*\}\)/g);
    const allowed = new Set([
      "with({ this: undefined, arguments: undefined })",
      "with({ provider: __provider, this: undefined, arguments: undefined })",
    ]);
    assert.deepEqual(
      scopes?.filter((scope) => !allowed.has(scope)),
      [],
    );
  }
});

test("what the stored code calls is there", () => {
  const { create, diff, update, read } = sqlScript;
  const guard = schemaGuard;
  const removals = [dropGuard, offboardingGate].flatMap((g) => [g.create, g.diff, g.update, g.remove]);
  for (const implementation of [
    create,
    diff,
    update,
    read,
    guard.check,
    guard.create,
    guard.diff,
    guard.update,
    ...removals,
  ]) {
    assert.equal(typeof implementation, "function");
  }
});
