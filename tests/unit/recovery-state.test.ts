import assert from "node:assert/strict";
import { test } from "node:test";
import type { TakeIn } from "../../ops/recover/plan";
import { isUnread, repairedState } from "../../ops/recover/repaired-state";
import type { ExportedResource, StackExport } from "../../ops/stack/stack-access";

const ROOT = resource("pulumi:pulumi:Stack", "root", {});
const PASSWORD = resource("random:index/randomPassword:RandomPassword", "acme-password", { id: "none" });

test("the list of interrupted operations goes, everything else stays", () => {
  const before = state([ROOT, PASSWORD], [PASSWORD]);
  const after = repairedState(before, [], new Set());
  assert.deepEqual(after, { version: 3, deployment: { manifest: { time: "now" }, resources: [ROOT, PASSWORD] } });
});

test("what is taken in has its id, its inputs for outputs, and a mark", () => {
  const role = resource("postgresql:index/role:Role", "acme-role", { inputs: { name: "user_acme" } });
  const [, taken] = resources(repairedState(state([ROOT]), [takeIn(role, "user_acme")], new Set()));
  assert.ok(taken && isUnread(taken));
  const { initErrors: _, ...rest } = taken;
  assert.deepEqual(rest, { ...role, id: "user_acme", outputs: { name: "user_acme" } });
});

test("what holds data is protected", () => {
  const schema = resource("postgresql:index/schema:Schema", "acme-schema", {});
  const after = repairedState(
    state([ROOT]),
    [{ ...takeIn(schema, "postgres.schema_acme"), holdsData: true }],
    new Set(),
  );
  assert.equal(resources(after)[1]?.protect, true);
});

test("what is taken in comes after what it depends on, whatever their order on the list", () => {
  const role = resource("t", "acme-role", {});
  const schema = resource("t", "acme-schema", { dependencies: [role.urn], parent: ROOT.urn });
  const after = repairedState(state([ROOT]), [takeIn(schema, "2"), takeIn(role, "1")], new Set());
  assert.deepEqual(
    resources(after).map(({ urn }) => urn),
    [ROOT.urn, role.urn, schema.urn],
  );
  assert.deepEqual(resources(after)[2]?.dependencies, [role.urn]);
});

test("references to what the state has no more are left out: Pulumi would refuse it", () => {
  const lonely = resource("t", "acme-role", {
    parent: "urn:gone",
    deletedWith: "urn:gone",
    dependencies: ["urn:gone", PASSWORD.urn],
    propertyDependencies: { password: [PASSWORD.urn, "urn:gone"], name: [] },
  });
  const [, , taken] = resources(repairedState(state([ROOT, PASSWORD]), [takeIn(lonely, "1")], new Set()));
  assert.deepEqual(taken?.dependencies, [PASSWORD.urn]);
  assert.deepEqual(taken?.propertyDependencies, { password: [PASSWORD.urn], name: [] });
  assert.ok(taken && !("parent" in taken) && !("deletedWith" in taken));
});

test("what an interrupted replacement was to replace is left to be deleted", () => {
  const old = resource("t", "acme-instance", { id: "i-old" });
  const after = repairedState(state([ROOT, old]), [takeIn(old, "i-new")], new Set());
  assert.deepEqual(
    resources(after).map(({ id, delete: discarded }) => [id, discarded]),
    [
      [undefined, undefined],
      ["i-old", true],
      ["i-new", undefined],
    ],
  );
});

test("what is to be read again is marked, and not what only waits for its deletion", () => {
  const old = { ...PASSWORD, delete: true };
  const after = repairedState(state([ROOT, old, PASSWORD]), [], new Set([PASSWORD.urn]));
  assert.deepEqual(resources(after).map(isUnread), [false, false, true]);
});

function resource(type: string, name: string, more: Partial<ExportedResource>): ExportedResource {
  return { urn: `urn:pulumi:prod::b2b-tenants::${type}::${name}`, type, custom: true, ...more };
}

function takeIn(one: ExportedResource, id: string): TakeIn {
  return { kind: "take in", resource: one, id, holdsData: false };
}

function state(all: readonly ExportedResource[], interrupted: readonly ExportedResource[] = []): StackExport {
  const pending_operations = interrupted.map((one) => ({ type: "creating", resource: one }));
  return { version: 3, deployment: { manifest: { time: "now" }, resources: all, pending_operations } };
}

function resources({ deployment }: StackExport): readonly ExportedResource[] {
  return deployment.resources ?? [];
}
