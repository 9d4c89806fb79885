import assert from "node:assert/strict";
import { test } from "node:test";
import { code, codeBlock } from "../../ops/ci/markdown";
import { byTenant } from "../../ops/preview-comment/by-tenant";
import { previewComment } from "../../ops/preview-comment/comment";
import { violationsIn } from "../../ops/preview-comment/event-log";
import { parsePreviewDigest } from "../../ops/preview-comment/preview-digest";
import { error, of, platform, policyEvent, preview, root, step, violated } from "./preview-comment-builders";

// Each text of an attacker's has this word wherever it could come to stand outside of code, so that none of it may be left
// once all code is taken out of a comment as CommonMark reads it.
const EVIL = "EVIL";

const PIECES = [
  EVIL,
  "`",
  "``",
  "```",
  "`".repeat(81),
  "~~~",
  "\n",
  "\r\n\r\n",
  "\u2028",
  "|",
  "@octocat",
  "#123",
  "</details>",
  "</summary>",
  "<!-- ",
  " -->",
  "<img src=x>",
  "](https://evil.example)",
  "![",
  "**",
  "\\",
  "\u202e",
  "> [!CAUTION]",
  "$`x`$",
  "- ",
  " ",
  "\ud83d",
  "&lt;",
  "::",
  "<{%fg 1%}>",
  "\u001b[31m",
  "\n::error::x\n",
  "<details>",
  "[x]: https://evil.example",
  "www.evil.example",
  "0123456789abcdef0123456789abcdef01234567",
  "o/n@0123abc",
  ":tada:",
  "\u200d\u2066",
];

test("whatever is put into names, values and messages stays inside of code", () => {
  const text = hostileTexts(42);
  for (let round = 0; round < 300; round++) {
    const [a, b, c, d, e, f] = [text(), text(), text(), text(), text(), text()];
    const comment = commentOf(
      preview(
        [
          root(["acme"]),
          of("acme", "update", "-role", { before: { [a]: b, name: c }, after: { [a]: d, name: e } }),
          of("acme", "delete", `-ingress-${a}`, { before: {} }),
          of("farmacon", "create", "-instance-2", { after: { ami: a } }),
          of("farmacon", "delete", "-instance", { before: { ami: b } }),
          platform("delete", `alarms-to-${c}`, { before: {} }),
          step("replace", `x:${d}:y`, e, { before: {}, after: {}, reasons: [f], replaces: [f] }),
          of("medinorte", "delete", ""),
          of("medinorte", "delete", "-gate", { before: { backup: true, destination: f } }),
          of("medisur", "create", ""),
          of("medisur", "create", "-env-FRONTEND_URL", { after: { insecureValue: a } }),
        ],
        [
          error(`1 error, nothing was changed:\ntenants/acme.yaml:1:1: ${b}`),
          error(c),
          { message: d, severity: "warning" },
          violated(e.replace(/\s/g, "_"), of("acme", "create", `-ingress-${f}`).urn, `${a}\n${b}`),
        ],
      ),
      [
        policyEvent(c, of("acme", "create", `-ingress-${d}`).urn, `${e}\n${f}`),
        policyEvent(d, e, f, "advisory"),
        policyEvent(a, b, c, d),
      ].join("\n"),
    );
    const bare = withoutCode(comment);
    assert.ok(
      !bare.includes(EVIL) && !/@|#1|evil\.example|<img|0123456789|:tada:/.test(bare),
      `${JSON.stringify([a, b, c, d, e, f])}\n${bare}`,
    );
    assert.equal(bare.split("<details>").length, bare.split("</details>").length);
    assert.equal(comment.split("<!--").length, 2, "a hidden line besides the comment's own");
    assert.doesNotMatch(comment, /(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u, "a character that is not seen");
  }
});

for (const [text, expected] of [
  ["plain", "`plain`"],
  ["a`b", "``a`b``"],
  ["`", "`` ` ``"],
  [" x ", "`  x  `"],
  ["", "`  `"],
  ["a\nb", "`a\\u{a}b`"],
  ["a\u202eb\u00a0c", "`a\\u{202e}b\\u{a0}c`"],
  ["a\u3164b\u115f\u2800\ufe0fc\u034f", "`a\\u{3164}b\\u{115f}\\u{2800}\\u{fe0f}c\\u{34f}`"],
  ["`".repeat(9), `\`${"\\u{60}".repeat(9)}\``],
  ["<!-- x", "`<\\u{21}-- x`"],
  ["mañana €", "`mañana €`"],
] as const) {
  test(`${JSON.stringify(text)} as code`, () => {
    assert.equal(code(text), expected);
  });
}

test("a block of code has a longer fence than anything in it", () => {
  assert.equal(codeBlock("a\n````\nb\u202e"), "`````text\na\n````\nb\\u{202e}\n`````");
});

function commentOf(text: string, log: string): string {
  return previewComment([byTenant("prod", parsePreviewDigest(text, "prod"), violationsIn(log, "log"))], {
    repository: "https://github.com/o/n",
    commit: "0123abc",
  });
}

/** The same texts at every run. */
function hostileTexts(seed: number): () => string {
  let state = seed;
  const next = (below: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
  return () => `${Array.from({ length: 1 + next(8) }, () => PIECES[next(PIECES.length)]).join("")}${EVIL}`;
}

/** As CommonMark does: fenced blocks first, then in each line a run of backticks up to the next run as long, if it is not too long. */
function withoutCode(markdown: string): string {
  return markdown
    .replace(/^ *(`{3,})text\n(?:.*\n)*? *\1$/gm, "")
    .split("\n")
    .map((line) => line.replace(/(?<!`)(`{1,80})(?!`)(.*?)(?<!`)\1(?!`)/g, ""))
    .join("\n");
}
