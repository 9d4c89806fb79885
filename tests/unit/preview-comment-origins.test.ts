import assert from "node:assert/strict";
import { test } from "node:test";
import { byTenant } from "../../ops/preview-comment/by-tenant";
import { previewComment } from "../../ops/preview-comment/comment";
import { parsePreviewDigest } from "../../ops/preview-comment/preview-digest";
import { of, onboarded, preview, root, type Step } from "./preview-comment-builders";

const SHOP = "https://shop.example.com";
/** Each looks like a secret to what looks for secrets. */
const SUSPICIOUS = ["https://xoxb-1234567890.evil.example", `https://glpat-${"a".repeat(30)}.evil.example`];
const SEVEN = Array.from({ length: 7 }, (_, index) => `https://${"x".repeat(40)}${index}.evil.example`);

test("each origin of a new tenant is told, whatever it looks like and however many there are", () => {
  const comment = commentOf(onboarded("acme", { origins: [SHOP, ...SUSPICIOUS, ...SEVEN].join(",") }));
  const all = [SHOP, ...SUSPICIOUS, ...SEVEN].map((origin) => `\`${origin}\``).join(", ");
  assert.ok(comment.includes(`\n- \`ALLOWED_ORIGINS\`: ${all}\n`), comment);
});

for (const [name, key, from, to, expected] of [
  ["each that is added", "ALLOWED_ORIGINS", SHOP, [SHOP, ...SEVEN].join(","), `with ${listed(SEVEN)}`],
  ["each that is removed", "ALLOWED_ORIGINS", [SHOP, ...SEVEN].join(","), SHOP, `without ${listed(SEVEN)}`],
  [
    "both",
    "ALLOWED_ORIGINS",
    [SHOP, ...SEVEN].join(","),
    [SHOP, ...SUSPICIOUS].join(","),
    `without ${listed(SEVEN)}, with ${listed(SUSPICIOUS)}`,
  ],
  [
    "another order",
    "ALLOWED_ORIGINS",
    SEVEN.join(","),
    [...SEVEN].reverse().join(","),
    `${listed(SEVEN)} → ${listed([...SEVEN].reverse())}`,
  ],
  ["one that looks like a secret", "FRONTEND_URL", SHOP, SUSPICIOUS[0], `\`${SHOP}\` → \`${SUSPICIOUS[0]}\``],
  ["one that is not there yet", "ALLOWED_ORIGINS", undefined, SHOP, `(none) → \`${SHOP}\``],
  ["what is no origin, as code", "FRONTEND_URL", SHOP, "<b>`@x", `\`${SHOP}\` → \`\`<b>\`@x\`\``],
  ["what is no origin, without its secret", "ALLOWED_ORIGINS", SHOP, `${SHOP},password=hunter2,hunter3`, "with secret"],
  ["a login, as a secret", "FRONTEND_URL", SHOP, "https://u:hunter2@shop.example.com", `\`${SHOP}\` → secret`],
] as const) {
  test(`of changed origins is told: ${name}`, () => {
    const change = of("acme", "update", `-env-${key}`, {
      before: { insecureValue: from },
      after: { insecureValue: to },
      reasons: ["insecureValue"],
    });
    const [, told] = /`insecureValue`: (.*)/.exec(commentOf([change])) ?? [];
    assert.equal(told, expected);
  });
}

test("where some of very many origins are left out, their number is told", () => {
  const many = Array.from({ length: 130 }, (_, index) => `https://x${index}.example.com`);
  const comment = commentOf(onboarded("acme", { origins: many.join(",") }));
  assert.match(comment, /`https:\/\/x98\.example\.com`, `https:\/\/x99\.example\.com` and 30 more\n/);
});

function listed(origins: readonly string[]): string {
  return origins.map((origin) => `\`${origin}\``).join(", ");
}

function commentOf(steps: readonly Step[]): string {
  return previewComment([byTenant("prod", parsePreviewDigest(preview([root([]), ...steps]), "prod"))], undefined);
}
