import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { byTenant } from "../../ops/preview-comment/by-tenant";
import { previewComment } from "../../ops/preview-comment/comment";
import { violationsIn } from "../../ops/preview-comment/event-log";
import { parsePreviewDigest } from "../../ops/preview-comment/preview-digest";
import { LOGS, SITUATIONS } from "./preview-comment-situations";

// UPDATE_GOLDEN=1 writes the comments anew; what git shows then is what a reviewer of this program has to read.

const GOLDEN = join(__dirname, "../golden/preview-comment");
const PLACE = { repository: "https://github.com/bo-tech/b2b-tenants", commit: "0123abc" };

function commentOf(situation: string): string {
  const previews = Object.entries(SITUATIONS[situation] ?? {});
  return previewComment(
    previews.map(([stack, text]) =>
      byTenant(stack, parsePreviewDigest(text, stack), violationsIn(LOGS[situation]?.[stack] ?? "", stack)),
    ),
    PLACE,
  );
}

for (const situation of Object.keys(SITUATIONS)) {
  test(situation, () => {
    const comment = `${commentOf(situation)}\n`;
    const file = join(GOLDEN, `${situation}.md`);
    if (process.env.UPDATE_GOLDEN === "1") {
      mkdirSync(GOLDEN, { recursive: true });
      writeFileSync(file, comment);
    }
    assert.equal(comment, readFileSync(file, "utf8"));
  });
}

test("every golden comment has its situation", () => {
  const files = readdirSync(GOLDEN).filter((name) => name.endsWith(".md"));
  assert.deepEqual(files.map((name) => name.replace(/\.md$/, "")).sort(), Object.keys(SITUATIONS).sort());
});

test("every event log has its situation", () => {
  assert.deepEqual(
    Object.keys(LOGS).filter((name) => !(name in SITUATIONS)),
    [],
  );
});

test("no secret is in any comment, masked or in clear", () => {
  for (const situation of Object.keys(SITUATIONS)) {
    assert.doesNotMatch(commentOf(situation), /hunter2|12345|\[secret\]|code'/, situation);
  }
});

test("a rehearsal that is refused shows its settings, without what is secret there", () => {
  const { config, steps, changeSummary } = JSON.parse(SITUATIONS["refused-rehearsal"]?.prod ?? "");
  assert.deepEqual([steps, changeSummary], [[], {}]);
  assert.deepEqual(config, {
    "aws:region": "us-east-1",
    "aws:secretKey": "[secret]",
    "b2b-tenants:adminPassword": "[secret]",
    "b2b-tenants:fleet": "true",
  });
});

test("the heading names the commit, short, and links it where the repository is known", () => {
  const commit = "0123abc".padEnd(40, "0");
  const titleAt = (repository: string | undefined) =>
    previewComment([byTenant("prod", parsePreviewDigest(SITUATIONS["nothing-changes"]?.prod ?? "", "p"))], {
      repository,
      commit,
    }).split("\n")[1];
  assert.equal(titleAt(undefined), "## Preview of `prod` at `0123abc`");
  assert.equal(
    titleAt("https://git.example.com/o/n"),
    `## Preview of \`prod\` at [\`0123abc\`](https://git.example.com/o/n/commit/${commit})`,
  );
});

test("what was found in the migrations is shown as it was printed, and nothing acts in it", () => {
  const previews = [byTenant("prod", parsePreviewDigest(SITUATIONS["nothing-changes"]?.prod ?? "", "p"))];
  const shown = (...findings: string[]) => previewComment(previews, undefined, undefined, findings);
  const none = shown();
  assert.equal(shown("", "\n"), none);
  const block = "**What was found in the migrations**\n\n```text\na.sql:1: x\n```\n\n````text\n``` <\\u{21}--\n````";
  const before = "**Nothing changes.**\n\n";
  assert.equal(shown("a.sql:1: x\n", "", "``` <!--"), none.replace(before, `${before}${block}\n\n`));
  assert.match(shown("x\n".repeat(9000)), /x\n… the rest is in the run …\n```\n/);
});

test("a stack without a preview is told first, also where there is no other", () => {
  const missing = { stacks: ["big", "alone"], run: "https://git.example.com/run", gone: [] };
  const box = "> [!CAUTION]\n> **There is no preview of `big`, `alone`.** See [the run](https://git.example.com/run).";
  const markers = "<!-- b2b-tenants preview big -->\n<!-- b2b-tenants preview alone -->\n";
  assert.equal(previewComment([], undefined, missing), `${markers}## Preview of \`big\`, \`alone\`\n\n${box}`);
  const others = [byTenant("prod", parsePreviewDigest(SITUATIONS["nothing-changes"]?.prod ?? "", "p"))];
  assert.equal(
    previewComment(others, undefined, missing),
    `<!-- b2b-tenants preview prod -->\n${markers}## Preview of \`prod\`, \`big\`, \`alone\`\n\n${box}\n\n- \`prod\`: **Nothing changes.**`,
  );
});

test("a stack whose settings are gone is told first, with what stays of it and what to do, also where there is no other", () => {
  const missing = { stacks: [], run: undefined, gone: ["prod-2"] };
  const box =
    "> [!CAUTION]\n> **Nothing deploys `prod-2` any more.** The change removes the settings, and no role, schema or server: " +
    "these stay until somebody destroys the stack.\n>\n" +
    "> - Destroyed already, for example by the workflow `offboard`: nothing is left to do.\n" +
    "> - Otherwise do not merge this, and run first, with the settings still there:\n" +
    ">   - `npx pulumi destroy --stack prod-2`";
  const marker = "<!-- b2b-tenants preview prod-2 -->\n";
  assert.equal(previewComment([], undefined, missing), `${marker}## No stack is previewed\n\n${box}`);
  const others = [byTenant("prod", parsePreviewDigest(SITUATIONS["nothing-changes"]?.prod ?? "", "p"))];
  assert.equal(
    previewComment(others, undefined, missing),
    `<!-- b2b-tenants preview prod -->\n${marker}## Preview of \`prod\`\n\n${box}\n\n**Nothing changes.**\n\n` +
      "Unchanged: 5 tenants; 95 resources in all.",
  );
});

test("a comment is the same for secrets of any length", () => {
  const longer = SITUATIONS["secrets-in-clear"]?.prod?.replaceAll("hunter2", "hunter2".repeat(50)) ?? "";
  const comment = previewComment([byTenant("prod", parsePreviewDigest(longer, "prod"))], PLACE);
  assert.equal(comment, commentOf("secrets-in-clear"));
});
