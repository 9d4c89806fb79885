import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { previewCommentOptions } from "../../ops/preview-comment/options";
import { parsePreviewDigest } from "../../ops/preview-comment/preview-digest";
import { readPreviews } from "../../ops/preview-comment/read-previews";
import { UsageError } from "../../ops/usage-error";
import { error, onboarded, preview, root } from "./preview-comment-builders";

const ROOT = join(__dirname, "../..");
const FOLDER = mkdtempSync(join(tmpdir(), "preview-comment-"));
after(() => rmSync(FOLDER, { recursive: true }));

const WHOLE = preview([root(["farmacon"]), ...onboarded("acme")]);

for (const [name, text, message] of [
  ["empty", " \n", /^p\.json is empty: a preview that fails before it begins prints no JSON/],
  ["cut off", WHOLE.slice(0, WHOLE.length / 2), /^p\.json ends in the middle of its JSON/],
  [
    "a command's own lines",
    `\n> b2b-tenants@0.1.0 rehearse\n${WHOLE}`,
    /does not begin with "\{"\. `npm run` prints lines/,
  ],
  ["two in one", `${WHOLE}\n${WHOLE}`, /^p\.json is not valid JSON/],
  ["a list", "[]", /not what `pulumi preview --json` prints$/],
  ["an empty object", "{}", /it has no steps, no diagnostics and no summary/],
  ["a stack's state", '{"version":3,"deployment":{"resources":[]}}', /not what `pulumi preview --json` prints/],
  ["steps that are none", '{"steps":[{"op":"create"}]}', /not what `pulumi preview --json` prints: see steps\.0\.urn$/],
  ["a key that is hostile", '{"changeSummary":{"`x":"y"}}', /prints$/],
] as const) {
  test(`${name}: told in words, with nothing of the input`, () => {
    assert.throws(
      () => parsePreviewDigest(text, "p.json"),
      (thrown) => thrown instanceof UsageError && message.test(thrown.message) && !thrown.message.includes("acme"),
    );
  });
}

test("what the engine leaves out or adds is read all the same", () => {
  assert.deepEqual(parsePreviewDigest('\ufeff{"steps":null,"changeSummary":{"same":3},"maybeCorrupt":true}', "p"), {
    steps: null,
    changeSummary: { same: 3 },
  });
});

for (const [argv, expected] of [
  [[], { sources: [{ stack: undefined, file: "-" }], place: undefined }],
  [
    ["prod=a/b.json", "./x=y.json"],
    {
      sources: [
        { stack: "prod", file: "a/b.json" },
        { stack: undefined, file: "./x=y.json" },
      ],
      place: undefined,
    },
  ],
  [
    ["p.json", "--repository", "bo-tech/b2b", "--commit", "0123abc"],
    {
      sources: [{ stack: undefined, file: "p.json" }],
      place: { repository: "https://github.com/bo-tech/b2b", commit: "0123abc" },
    },
  ],
  [
    ["-", "--repository", "https://git.example.com/o/n", "--commit", "0123abc"],
    {
      sources: [{ stack: undefined, file: "-" }],
      place: { repository: "https://git.example.com/o/n", commit: "0123abc" },
    },
  ],
  [["--help", "--commit", "x"], "help"],
] as const) {
  test(`options: ${argv.join(" ") || "none"}`, () => {
    assert.deepEqual(previewCommentOptions(argv), expected);
  });
}

for (const [argv, message] of [
  [["--json"], /--json/],
  [["-", "prod=-"], /"-" can be read once/],
  [["a b=x"], /write STACK=FILE/],
  [["prod="], /with the file of a preview/],
  [["--commit", "0123abc"], /give both, or neither/],
  [["--repository", "o/n/../x", "--commit", "0123abc"], /write OWNER\/NAME/],
  [["--repository", "o/n", "--commit", "main)"], /hexadecimal/],
] as const) {
  test(`${argv.join(" ")} is refused`, () => {
    assert.throws(
      () => previewCommentOptions(argv),
      (thrown) => thrown instanceof UsageError && message.test(thrown.message),
    );
  });
}

test("which stack a preview is of, it says itself; a wrong one, and two of one, are refused", () => {
  const file = inFile("whole.json", WHOLE);
  const faulty = inFile("faulty.json", preview([], [error("no resource was reached")]));
  assert.equal(readPreviews([{ stack: undefined, file }])[0]?.stack, "prod");
  assert.equal(readPreviews([{ stack: "other", file: faulty }])[0]?.stack, "other");
  const refused = (sources: Parameters<typeof readPreviews>[0], message: RegExp) =>
    assert.throws(
      () => readPreviews(sources),
      (thrown) => thrown instanceof UsageError && message.test(thrown.message),
    );
  refused([{ stack: undefined, file: faulty }], /names no stack: say which it is of, as STACK=/);
  refused([{ stack: "other", file }], /is a preview of stack prod, not of other$/);
  refused(
    [
      { stack: undefined, file },
      { stack: "prod", file },
    ],
    /two previews of stack prod/,
  );
  refused([{ stack: undefined, file: join(FOLDER, "none.json") }], /cannot be read: there is no such file$/);
  refused([{ stack: undefined, file: FOLDER }], /cannot be read: EISDIR$/);
});

test("as a command: the comment and 0, also from standard input; words and 2 for what is no preview", () => {
  const run = (argv: readonly string[], input: string) => {
    const args = ["--import", "tsx", "ops/preview-comment.ts", ...argv];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, input, encoding: "utf8" });
    return { status, stdout, stderr };
  };
  const done = run([], WHOLE);
  assert.match(done.stdout, /^<!-- b2b-tenants preview prod -->\n## Preview of `prod`\n/);
  assert.deepEqual({ ...done, stdout: "" }, { status: 0, stdout: "", stderr: "" });
  const refused = run(["prod=-"], WHOLE.slice(0, 100));
  assert.match(
    refused.stderr,
    /^standard input ends in the middle of its JSON: .*\nAll options: npm run preview-comment -- --help\n$/,
  );
  assert.deepEqual({ ...refused, stderr: "" }, { status: 2, stdout: "", stderr: "" });
});

function inFile(name: string, text: string): string {
  const file = join(FOLDER, name);
  writeFileSync(file, text);
  return file;
}
