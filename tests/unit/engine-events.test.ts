import assert from "node:assert/strict";
import { test } from "node:test";
import { deployedBy } from "../../rehearsal/pulumi/engine-events";

const urn = (type: string, name: string) => `urn:pulumi:prod::p::${type}::${name}`;
const step = (op: string, urn: string, parent: string, planning = false) => ({
  resOutputsEvent: { metadata: { op, urn, type: "", new: { parent } }, planning },
});

test("a deployment by the CLI: what was done to the program's resources, what failed, and how many policies were asked", () => {
  const role = urn("postgresql:index/role:Role", "acme-role");
  const provider = urn("pulumi:providers:aws", "default_7_48_0");
  const own = urn("pulumi:providers:aws", "acme-provider");
  const stack = urn("pulumi:pulumi:Stack", "p-prod");
  const events = [
    { sequence: 1, preludeEvent: { config: {} } },
    step("create", stack, ""),
    step("create", provider, ""),
    step("create", own, stack),
    step("create", role, stack),
    step("create", urn("postgresql:index/role:Role", "planned"), stack, true),
    { policyAnalyzeSummaryEvent: { resourceUrn: role, passed: ["tags", "roles"] } },
    { policyAnalyzeSummaryEvent: { resourceUrn: own, passed: ["tags"], failed: ["regions"] } },
    { policyAnalyzeStackSummaryEvent: { passed: ["gates"] } },
    { diagnosticEvent: { severity: "info#err", message: "a word" } },
    { diagnosticEvent: { severity: "error", message: "<{%fg 1%}>error: <{%reset%}>role exists\n", urn: role } },
  ];
  assert.deepEqual(deployedBy(`${events.map((event) => JSON.stringify(event)).join("\n")}\n`, false), {
    ok: false,
    steps: [
      { op: "create", urn: stack },
      { op: "create", urn: own },
      { op: "create", urn: role },
    ],
    failures: [{ urn: role, message: "error: role exists\n" }],
    policies: 4,
  });
  assert.deepEqual(deployedBy("", true), { ok: true, steps: [], failures: [], policies: 0 });
});
