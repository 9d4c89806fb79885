import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { dynamic } from "@pulumi/pulumi";
import * as dropGuard from "../../components/dynamic/drop-guard-run";
import * as loginHandover from "../../components/dynamic/login-handover-run";
import * as migrations from "../../components/dynamic/migrations-run";
import * as offboardingGate from "../../components/dynamic/offboarding-gate-run";
import * as schemaGuard from "../../components/dynamic/schema-guard-run";
import * as sqlScript from "../../components/dynamic/sql-script-run";
import type { ImplementationFile } from "../../components/dynamic/stored-provider";
import { Tenant } from "../../components/tenant";
import { named, type Registration, record } from "./recorder";
import { tenantSpec } from "./settings";
import { tenantArgs } from "./tenant-args";

let registrations: Registration[];

before(async () => {
  const run = await record(
    () =>
      new Tenant("acme", tenantArgs({ spec: tenantSpec({ rotation: { password: 2, secretKey: 1, server: 1 } }) }), {}),
  );
  registrations = run.registrations;
});

/** Every file that a state may name, each a provider by what it exports. */
const FILES: Readonly<Record<ImplementationFile, dynamic.ResourceProvider>> = {
  "schema-guard-run": schemaGuard,
  "sql-script-run": sqlScript,
  "drop-guard-run": dropGuard,
  "offboarding-gate-run": offboardingGate,
  "migrations-run": migrations,
  "login-handover-run": loginHandover,
};

const RESOURCES = {
  "acme-schema-guard": "schema-guard-run",
  "acme-init": "sql-script-run",
  "acme-drop-guard": "drop-guard-run",
  "acme-migrations": "migrations-run",
  "acme-handover": "login-handover-run",
  "acme-gate": "offboarding-gate-run",
} as const;

for (const [name, file] of Object.entries(RESOURCES)) {
  test(`what the state stores of ${name} is a call into the repository, and gives its provider`, () => {
    const text = String(named(registrations, name).inputs.__provider);
    assert.equal(
      text,
      `exports.handler=()=>{require("tsx/cjs");return require(process.cwd()+"/components/dynamic/${file}")}`,
    );
    // As the SDK's process for dynamic resources does it, which stands in the project folder.
    const stored: { handler?: () => dynamic.ResourceProvider } = {};
    new Function("exports", "require", text)(stored, require);
    assert.equal(stored.handler?.().create, FILES[file].create);
  });
}

test("the files have the functions that a state calls", () => {
  const functions = Object.entries(FILES).map(([file, provider]) => [
    file,
    Object.keys(provider)
      .filter((key) => CALLED.has(key) && typeof Reflect.get(provider, key) === "function")
      .sort(),
  ]);
  assert.deepEqual(Object.fromEntries(functions), {
    "schema-guard-run": ["check", "create", "diff", "update"],
    "sql-script-run": ["check", "create", "diff", "read", "update"],
    "drop-guard-run": ["create", "delete", "diff", "update"],
    "offboarding-gate-run": ["create", "delete", "diff", "update"],
    "migrations-run": ["check", "create", "diff", "read", "update"],
    "login-handover-run": ["create", "diff", "update"],
  });
});

const CALLED = new Set(["configure", "check", "create", "diff", "read", "update", "delete"]);
