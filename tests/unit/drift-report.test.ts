import assert from "node:assert/strict";
import { test } from "node:test";
import { driftReport } from "../../ops/ci/drift-report";

const RUN = "https://github.com/o/r/actions/runs/1";
const FINE = { status: 0, output: "all is well" };
const CLEAN = { stack: "prod", preview: FINE, verify: FINE };

test("where everything holds there is nothing to report", () => {
  assert.equal(driftReport([CLEAN, { ...CLEAN, stack: "big" }], RUN), undefined);
});

test("what does not hold is told with its output, what was not checked as that, and the others as a count", () => {
  const drifted = { stack: "big", preview: { status: 7, output: "~ role\n" }, verify: undefined };
  assert.equal(
    driftReport([CLEAN, drifted], RUN),
    `The nightly check failed: [its run](${RUN}). 1 other stack holds.

## Stack \`big\`

❌ What is deployed is what \`main\` declares, and the policies hold (\`preview --refresh --expect-no-changes\`): **no**, exit status 7.

\`\`\`text
~ role
\`\`\`

❔ No tenant reaches another (\`npx b2b-tenants verify\`): not checked; see the run.
`,
  );
});

test("nothing in an output ends its block or hides in it", () => {
  const output = "```\n@everyone #1 </details>\n````\n\u202egood\u001b[2J";
  const report = driftReport([{ ...CLEAN, verify: { status: 1, output } }], RUN) ?? "";
  const [, block] = /^`{5}text\n([\s\S]*)\n`{5}$/m.exec(report) ?? [];
  assert.equal(block, "```\n@everyone #1 </details>\n````\n\\u{202e}good\\u{1b}[2J");
});

test("a report of many long outputs is one that GitHub takes, with the ends of them", () => {
  const result = { status: 1, output: `${"x".repeat(100_000)}\nthe reason` };
  const stacks = Array.from({ length: 20 }, (_, index) => ({ stack: `s${index}`, preview: result, verify: result }));
  const report = driftReport(stacks, RUN) ?? "";
  assert.ok(report.length <= 65_536, String(report.length));
  assert.equal(report.match(/the reason/g)?.length, 40);
  assert.match(report, /… the \d+ characters before this are in the run …\nx+\nthe reason\n/);
});

for (const [number, name, rest] of [
  [200, "prod", / more stacks do not hold\n\nWhat they printed is in the run: `prod-50`, .*, `prod-199`\.\n$/],
  [2000, "x".repeat(90), / more stacks do not hold\n\n.*`x+-151` and 1848 more\.\n$/],
] as const) {
  test(`a report of ${number} stacks is one that GitHub takes, and names or counts those that it has no room for`, () => {
    const result = { status: 1, output: `${"x".repeat(5000)}\nthe reason` };
    const stacks = Array.from({ length: number }, (_, index) => ({
      stack: `${name}-${index}`,
      preview: result,
      verify: result,
    }));
    const report = driftReport(stacks, RUN) ?? "";
    assert.ok(report.length <= 65_536, String(report.length));
    assert.equal(report.match(/the reason/g)?.length, 100);
    assert.match(report, rest);
  });
}

test("a run of backticks does not make the report longer than it may be", () => {
  const output = "`".repeat(70_000);
  const report = driftReport([{ ...CLEAN, preview: { status: 1, output } }], RUN) ?? "";
  assert.ok(report.length <= 65_536, String(report.length));
  assert.match(report, /^```text\n… the \d+ characters before this are in the run …\n[^`]*\n```$/m);
});

test("no login or secret of an output is in the report, which more people read than the run", () => {
  const output = "postgresql://postgres:hunter2@db refused\npassword=hunter2\n\tat db\talter role x password 'hunter2'";
  const report = driftReport([{ ...CLEAN, preview: { status: 1, output } }], RUN) ?? "";
  assert.doesNotMatch(report, /hunter2/);
  assert.match(report, /^\tat db\talter role x password \*\*\*$/m);
});
