import assert from "node:assert/strict";
import { test } from "node:test";
import { byTenant } from "../../ops/preview-comment/by-tenant";
import { previewComment } from "../../ops/preview-comment/comment";
import { fitted, isPast, LEVELS, type Level, MOST_CHARACTERS, type Section } from "../../ops/preview-comment/limit";
import { parsePreviewDigest } from "../../ops/preview-comment/preview-digest";
import {
  type Diagnostic,
  error,
  of,
  offboarded,
  onboarded,
  platform,
  preview,
  root,
  type Step,
  urnOf,
  violated,
} from "./preview-comment-builders";

const GITHUB_S_LIMIT = 65_536;

test("a fleet's comment keeps every deletion, and says what it leaves out", () => {
  const gone = slugs("gone", 150);
  const comment = commentOf([
    ...slugs("new", 150).flatMap((slug) => onboarded(slug)),
    ...slugs("changed", 150).map(changed),
    ...gone.flatMap((slug) => offboarded(slug)),
  ]);
  const box = comment.split("### ")[0] ?? "";
  assert.deepEqual(
    gone.filter((slug) => !box.includes(`\`${slug}\` **is offboarded**: a verified backup is taken first`)),
    [],
  );
  assert.ok(comment.includes("**150 onboarded, 150 changed, 150 offboarded**"));
  const [, leftOut] =
    /^\*\*Left out, because GitHub does not accept a longer comment:\*\* (.*?)\. `/m.exec(comment) ?? [];
  assert.match(leftOut ?? "", /^details of 150 onboarded tenants, 150 changed tenants, 150 offboarded tenants$/);
  // Changes are seen before what is made and what can be unfolded.
  assert.ok(comment.includes("`changed_149-role`: `connectionLimit`: `10` → `20`"));
});

test("deletions of a large fleet are told in short, then as a list of slugs", () => {
  const some = commentOf(slugs("gone", 700).flatMap((slug) => offboarded(slug)));
  assert.ok(some.includes("🔴 `gone_699` is offboarded; a verified backup is taken first"));
  assert.match(some, /details of 700 deletions and replacements, 700 offboarded tenants\./);
  const many = commentOf(slugs("gone", 2000).flatMap((slug) => offboarded(slug, { backup: slug !== "gone_7" })));
  assert.ok(many.includes("- **1 offboarded with NO backup:** `gone_7`"));
  assert.match(many, /- \*\*1999 offboarded:\*\* `gone_0, .*, gone_999`/);
});

test("even what no comment can hold makes one that can be posted, and counts what is missing", () => {
  const comment = commentOf(slugs("x".repeat(50), 2000).flatMap((slug) => offboarded(slug)));
  const [, listed = "", more] = /`(x.*)` and (\d+) more$/m.exec(comment) ?? [];
  assert.equal(listed.split(", ").length + Number(more), 2000);
});

test("thousands of errors are cut to a few", () => {
  const errors = slugs("acme", 3000).map((slug) => `tenants/${slug}.yaml:1:1: 'frontendUrl' must be https`);
  const comment = commentOf([], `3000 errors, nothing was changed:\n${errors.join("\n")}`);
  assert.match(comment, /The preview failed: 3,000 errors/);
  assert.match(comment, /- and 2990 more\n/);
});

test("thousands of violations are cut to a few of each policy, and of thousands of policies the number is told", () => {
  const many = commentOf(
    [],
    undefined,
    slugs("acme", 3000).map((slug) => violated("role-without-power", urnOf(slug, "-role"), `aim\n${slug} has power`)),
  );
  assert.match(many, /The preview failed: 3,000 violations of policies\./);
  assert.match(
    many,
    /^- policy `role-without-power`: `aim` \(3,000 violations\)\n(?: {2}- .*\n){10} {2}- and 2990 more$/m,
  );
  const policies = commentOf(
    offboarded("gone"),
    undefined,
    slugs("p", 3000).map((policy) => violated(policy, urnOf("acme", "-role"), `aim\n${"x".repeat(5000)}`)),
  );
  assert.match(policies, /3,000 violations of policies.*Nothing can be deployed/);
  assert.match(
    policies,
    /🔴 `gone` \*\*is offboarded\*\*(?:.|\n)*details of 3,000 violations of policies, 1 offboarded tenant\./,
  );
});

for (const [stacks, policies] of [
  [80, 5],
  [200, 1],
] as const) {
  test(`what ends is told whatever policies forbid: ${policies} of them in each of ${stacks} stacks`, () => {
    const previews = Array.from({ length: stacks }, (_, index) => {
      const stack = `prod-${index + 1}`;
      const gone = index === stacks - 1 ? offboarded("gone", { backup: false }, stack) : [];
      const forbidden = slugs("policy", policies).map((policy) =>
        violated(policy, urnOf("acme", "-role"), `${"why this must not be ".repeat(15)}\nIt is x.`),
      );
      const text = preview([root([], stack), ...gone], forbidden);
      return byTenant(stack, parsePreviewDigest(text, stack));
    });
    const comment = previewComment(previews, undefined);
    assert.ok(comment.length <= MOST_CHARACTERS, `${comment.length} characters`);
    const ends = "> **Deleted or replaced**\n>\n> - **1 offboarded with NO backup:** `gone`\n";
    assert.ok(comment.includes(ends), comment.slice(0, 300));
    assert.match(comment, /\n> \*\*The preview of `prod-1` failed: .*\n\n\*\*The rest is left out\.\*\* /s);
  });
}

for (const [number, expected] of [
  [15, /\n- `acme_3`: `schema schema_acme_3 differs in 57 ways from a tenant of this program: …`\n- `acme_4`: /],
  [900, /\n\n`acme_0, acme_1, .*` and 700 more\n\n/],
] as const) {
  test(`${number} refused tenants with endless reasons are each named, with what there is room for of why`, () => {
    const refused = slugs("acme", number).map((slug) => ({
      message:
        `will be refused: schema schema_${slug} differs in 57 ways from a tenant of this program:\n` +
        `${"x".repeat(90)}\n`.repeat(57),
      severity: "warning",
      urn: urnOf(slug, "-schema-guard"),
    }));
    assert.match(commentOf([], undefined, refused), expected);
  });
}

test("one name that is endless hides nothing of the others", () => {
  const gone = (slug: string, rule: string) => of(slug, "delete", `-ingress-${rule}`, { before: {} });
  const comment = commentOf([
    gone("acme", "` ".repeat(400_000)),
    gone("acme", "\ud83c\udf08".repeat(50_000)),
    gone("bolt", "1"),
  ]);
  assert.ok(comment.includes("🟡 `bolt`: network rule `bolt-ingress-1` is **deleted**"), comment.slice(0, 3000));
  assert.ok(comment.length < 4000);
});

test("everything at once, and long, in any script: every deletion is told", () => {
  const text = "漢😀".repeat(300);
  const comment = commentOf(
    [
      ...slugs("new", 100).flatMap((slug) => onboarded(slug, { origins: text })),
      ...slugs("changed", 100).map((slug) =>
        of(slug, "update", "-role", { before: { comment: text }, after: { comment: `${text}x` } }),
      ),
      ...slugs("replaced", 100).map((slug) => of(slug, "replace", "-instance", { before: { a: text }, after: {} })),
      ...slugs("gone", 500).flatMap((slug) => offboarded(slug)),
      ...slugs("alarm", 100).map((name) =>
        platform("update", `alarms-cpu-${name}`, { before: { a: text }, after: {} }),
      ),
    ],
    `1000 errors, nothing was changed:\n${slugs("t", 1000)
      .map((slug) => `tenants/${slug}.yaml:1:1: ${text}`)
      .join("\n")}`,
    [
      ...slugs("warning", 100).map((name) => ({ message: `${name} ${text}`, severity: "warning" })),
      ...slugs("v", 1000).map((slug) => violated("role-without-power", urnOf(slug, "-role"), `aim\n${slug} ${text}`)),
    ],
  );
  assert.match(comment, /The preview failed: 1,000 errors, 1,000 violations of policies/);
  for (const slug of [...slugs("gone", 500), ...slugs("replaced", 100)]) {
    assert.ok(new RegExp(`^> .*\\b${slug}\\b`, "m").test(comment), slug);
  }
  assert.match(comment, /\n\n\*\*Left out, because GitHub does not accept a longer comment:\*\* .* shows all of it\.$/);
});

const FEW = "no lists of resources";

for (const [name, sections, most, expected] of [
  ["all in full where there is room", [section("aaa", "", FEW), section("bbb")], 100, "aaa\n\nbbb"],
  [
    "what is left out last is longest in full",
    [section("a".repeat(900), "a", FEW), section("b".repeat(900), "b", "few errors")],
    1600,
    /^a\n\nb{900}\n\n\*\*Left out.* details of 2 pieces\. /s,
  ],
  [
    "what is the same at every level is not left out",
    [section("a".repeat(900), "a", FEW), section("b".repeat(90), "b".repeat(90), FEW)],
    800,
    /^a\n\nb{90}\n\n\*\*Left out.* details of 2 pieces\. /s,
  ],
  ["cut at the end of a line", [section(`${"a".repeat(100)}\n${"b".repeat(100)}`)], 180, /^a{100}\n\n\*\*The rest/],
  [
    "what is kept comes first and whole where something is cut",
    [section(`${"a".repeat(100)}\n${"b".repeat(100)}`), { ...section("c".repeat(50)), isKept: true }],
    240,
    /^c{50}\n\na{100}\n\n\*\*The rest/,
  ],
  [
    "no block of code is cut",
    [section(`aaa\n\n\`\`\`text\nbbb\n\`\`\`\n\n  \`\`\`\`text\n  \`\`\`\n${"c\n".repeat(100)}  \`\`\`\``)],
    180,
    /^aaa\n\n```text\nbbb\n```\n\n\*\*The rest/,
  ],
] as const) {
  test(`fitted: ${name}`, () => {
    const text = fitted(sections, most);
    assert.ok(text.length <= most, `${text.length} characters`);
    if (typeof expected === "string") assert.equal(text, expected);
    else assert.match(text, expected);
  });
}

test("fitted: no form of a piece is written twice", () => {
  const asked: Level[] = [];
  const at = (level: Level) => {
    asked.push(level);
    return isPast(level, "few errors") ? "a" : "a".repeat(900);
  };
  fitted([{ of: [2, "piece", "pieces"], at }], 800);
  assert.deepEqual(asked, LEVELS.slice(0, LEVELS.indexOf("few errors") + 1));
});

function section(full: string, short = full, from: Level = FEW): Section {
  return { of: [2, "piece", "pieces"], at: (level) => (isPast(level, from) ? short : full) };
}

function slugs(start: string, number: number): string[] {
  return Array.from({ length: number }, (_, index) => `${start}_${index}`);
}

function changed(slug: string): Step {
  return of(slug, "update", "-role", { before: { connectionLimit: 10 }, after: { connectionLimit: 20 } });
}

function commentOf(steps: readonly Step[], message?: string, others: readonly Diagnostic[] = []): string {
  const text = preview([root([]), ...steps], [...others, ...(message === undefined ? [] : [error(message)])]);
  const comment = previewComment([byTenant("prod", parsePreviewDigest(text, "prod"))], undefined);
  assert.ok(comment.length <= MOST_CHARACTERS && comment.length < GITHUB_S_LIMIT, `${comment.length} characters`);
  assert.equal(comment.split("<details>").length, comment.split("</details>").length);
  return comment;
}
