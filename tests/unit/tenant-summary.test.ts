import assert from "node:assert/strict";
import { test } from "node:test";
import { type ResourceOutcome, summaryLines, tenantOutcomes } from "../../ops/fleet/tenant-summary";
import { urnOf } from "./preview-comment-builders";

function outcome(slug: string, part: string, op: string, status: ResourceOutcome["status"] = "done", message?: string) {
  return { urn: urnOf(slug, part), op, status, message };
}

const SHARED = "urn:pulumi:prod::b2b-tenants::b2b-tenants:index:Alarms$aws:sns/topic:Topic::alarms-topic";

test("each tenant is told of once: what it came to, and of one that failed why", () => {
  const outcomes = tenantOutcomes(
    [
      outcome("made", "", "create"),
      outcome("made", "-role", "create"),
      outcome("gone", "-role", "delete"),
      outcome("gone", "", "delete"),
      outcome("still", "", "same"),
      outcome("still", "-role", "same"),
      outcome("grown", "", "same"),
      outcome("grown", "-role", "update"),
      outcome("broken", "", "create"),
      outcome("broken", "-init", "create", "failed", "line 3: no\nsuch \u001b[2Jtable\n"),
      outcome("broken", "-instance", "", "skipped"),
      outcome("waiting", "-schema-guard", "", "skipped"),
      { urn: SHARED, op: "create", status: "failed", message: "denied" },
    ],
    ["made", "silent"],
  );
  assert.deepEqual(
    outcomes.map(({ slug, result }) => [slug, result]),
    [
      [undefined, "failed"],
      ["broken", "failed"],
      ["gone", "removed"],
      ["grown", "changed"],
      ["made", "made"],
      ["silent", "skipped"],
      ["still", "unchanged"],
      ["waiting", "skipped"],
    ],
  );
  assert.deepEqual(summaryLines(outcomes), [
    "7 tenants: 1 unchanged, 1 made, 1 changed, 1 removed, 2 skipped, 1 failed",
    "skipped, since something that all share failed: silent, waiting",
    "shared failed: alarms-topic: denied",
    "broken failed: broken-init: line 3: no",
    "  such \\u{1b}[2Jtable",
    "Put right what failed, and run the same command again: it does what was not done.",
  ]);
});

test("where nothing failed one line says so, and where there is no tenant none", () => {
  assert.deepEqual(summaryLines(tenantOutcomes([outcome("still", "", "same")])), ["1 tenant: 1 unchanged"]);
  assert.deepEqual(summaryLines(tenantOutcomes([])), []);
});
