import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { previewComment } from "../../cli/commands/preview-comment";
import { UsageError } from "../../domain/usage-error";
import { policyEventsOf, violationsIn } from "../../ops/preview-comment/event-log";
import { type PreviewCommentValues, previewCommentOptions } from "../../ops/preview-comment/options";
import { parsePreviewDigest } from "../../ops/preview-comment/preview-digest";
import { readPreviews } from "../../ops/preview-comment/read-previews";
import { parsedCommand } from "./parsed-command";
import { error, onboarded, policyEvent, preview, root } from "./preview-comment-builders";

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

function optionsOf(argv: readonly string[]) {
  const parsed = parsedCommand<PreviewCommentValues>(previewComment(), argv);
  return parsed === "help" ? parsed : previewCommentOptions(parsed.values, parsed.args);
}

const NONE = { stacks: [], run: undefined, gone: [] };

for (const [argv, expected] of [
  [[], { sources: [{ stack: undefined, file: "-" }], logs: [], place: undefined, missing: NONE }],
  [
    ["prod=a/b.json", "./x=y.json"],
    {
      sources: [
        { stack: "prod", file: "a/b.json" },
        { stack: undefined, file: "./x=y.json" },
      ],
      logs: [],
      place: undefined,
      missing: NONE,
    },
  ],
  [
    ["p.json", "--repository", "bo-tech/b2b", "--commit", "0123abc"],
    {
      sources: [{ stack: undefined, file: "p.json" }],
      logs: [],
      place: { repository: "https://github.com/bo-tech/b2b", commit: "0123abc" },
      missing: NONE,
    },
  ],
  [
    ["-", "--repository", "https://git.example.com/o/n", "--commit", "0123abc"],
    {
      sources: [{ stack: undefined, file: "-" }],
      logs: [],
      place: { repository: "https://git.example.com/o/n", commit: "0123abc" },
      missing: NONE,
    },
  ],
  [
    ["p.json", "--event-log", "e.jsonl", "--event-log=prod=-"],
    {
      sources: [{ stack: undefined, file: "p.json" }],
      logs: [
        { stack: undefined, file: "e.jsonl" },
        { stack: "prod", file: "-" },
      ],
      place: undefined,
      missing: NONE,
    },
  ],
  [
    ["p.json", "--commit", "0123abc"],
    {
      sources: [{ stack: undefined, file: "p.json" }],
      logs: [],
      place: { repository: undefined, commit: "0123abc" },
      missing: NONE,
    },
  ],
  [
    ["--missing", "big", "--missing=-x", "--run", "https://git.example.com/o/n/actions/runs/1"],
    {
      sources: [],
      logs: [],
      place: undefined,
      missing: { stacks: ["big", "-x"], run: "https://git.example.com/o/n/actions/runs/1", gone: [] },
    },
  ],
  [["--gone", "prod-2"], { sources: [], logs: [], place: undefined, missing: { ...NONE, gone: ["prod-2"] } }],
  [["--help", "--commit", "x"], "help"],
] as const) {
  test(`options: ${argv.join(" ") || "none"}`, () => {
    assert.deepEqual(optionsOf(argv), expected);
  });
}

for (const [argv, message] of [
  [["--json"], /--json/],
  [["-", "prod=-"], /"-" is standard input/],
  [["a b=x"], /write STACK=FILE/],
  [["-", "--event-log", "-"], /"-" is standard input/],
  [["p.json", "--event-log", "a b=x"], /write STACK=FILE/],
  [["prod="], /with a file$/],
  [["--repository", "o/n"], /with --commit alone: give both/],
  [["--repository", "o/n/../x", "--commit", "0123abc"], /write OWNER\/NAME/],
  [["--repository", "o/n", "--commit", "main)"], /hexadecimal/],
  [["--missing", "a b"], /--missing "a b": write the name of a stack/],
  [["--gone", "a b"], /--gone "a b": write the name of a stack/],
  [["--missing", "big", "--run", "https://x) @all"], /write the address of the run/],
] as const) {
  test(`${argv.join(" ")} is refused`, () => {
    assert.throws(
      () => optionsOf(argv),
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
  refused([{ stack: undefined, file: faulty }], /names no stack: name it, as STACK=/);
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

test("an event log is of the one preview, or of the one that it names", () => {
  const prod = inFile("prod.json", WHOLE);
  const other = inFile("other.json", preview([], [error("preview failed")]));
  const log = inFile("log.jsonl", policyEvent("no-grant-to-public", "", "aim\nfound"));
  const read = (...logs: Parameters<typeof readPreviews>[0]) =>
    readPreviews(
      [
        { stack: undefined, file: prod },
        { stack: "other", file: other },
      ],
      logs,
    ).map(({ violations }) => violations.length);
  assert.deepEqual(readPreviews([{ stack: undefined, file: prod }], [{ stack: undefined, file: log }])[0]?.violations, [
    { policy: "no-grant-to-public", urn: "", description: "aim", message: "found", isMandatory: true },
  ]);
  assert.deepEqual(read({ stack: "other", file: log }), [0, 1]);
  for (const [logs, message] of [
    [[{ stack: undefined, file: log }], /names no stack: name it, as STACK=/],
    [[{ stack: "third", file: log }], /there is no preview of third$/],
    [
      [
        { stack: "prod", file: log },
        { stack: "prod", file: log },
      ],
      /two event logs of stack prod/,
    ],
    [[{ stack: "prod", file: prod.replace("prod", "none") }], /there is no such file$/],
  ] as const) {
    assert.throws(
      () => read(...logs),
      (thrown) => thrown instanceof UsageError && message.test(thrown.message),
    );
  }
});

test("of an event log, what policies found is read, and nothing else: states may be in it, and its end may not", () => {
  const found = policyEvent("p", "urn:x", "aim\nfound", "advisory");
  const state = JSON.stringify({ resourcePreEvent: { metadata: { new: { inputs: { policyEvent: "hunter2" } } } } });
  const odd = ['{"policyEvent":null}', '{"policyEvent":{"message":1}}', "[]", "warning: not an event", ""];
  const log = [state, found, ...odd, found.slice(0, -9)].join("\n");
  const expected = [{ policy: "p", urn: "urn:x", description: "aim", message: "found", isMandatory: false }];
  assert.deepEqual(violationsIn(log, "log"), expected);
  const kept = policyEventsOf(log, "log");
  assert.deepEqual(
    [kept.split("\n").length, violationsIn(kept, "kept"), /hunter2|timestamp|sequence/.test(kept)],
    [2, expected, false],
  );
  assert.deepEqual([violationsIn("", "log"), policyEventsOf(`${state}\n`, "log")], [[], ""]);
  for (const other of [JSON.stringify(JSON.parse(WHOLE), undefined, 2), "pulumi: no such stack\n"]) {
    assert.throws(() => violationsIn(other, "p.json"), /p\.json is no event log/);
  }
});

test("as a command: the policy events of a log, or nothing, and 0", () => {
  const run = (argv: readonly string[], input: string) => {
    const args = ["cli/b2b-tenants.js", "ci", "policy-events", ...argv];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, input, encoding: "utf8" });
    return { status, stdout };
  };
  const found = policyEvent("p", "urn:x", "aim\nfound");
  const { status, stdout } = run([], `{"sequence":1}\n${found}\n`);
  assert.deepEqual([status, violationsIn(stdout, "log")], [0, violationsIn(found, "log")]);
  assert.deepEqual(run([inFile("quiet.jsonl", '{"sequence":1}\n')], ""), { status: 0, stdout: "" });
  assert.equal(run(["a", "b"], "").status, 2);
});

test("as a command: the comment and 0, also from standard input; words and 2 for what is no preview", () => {
  const run = (argv: readonly string[], input: string) => {
    const args = ["cli/b2b-tenants.js", "preview-comment", ...argv];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, input, encoding: "utf8" });
    return { status, stdout, stderr };
  };
  const done = run([], WHOLE);
  assert.match(done.stdout, /^<!-- b2b-tenants preview prod -->\n## Preview of `prod`\n/);
  assert.deepEqual({ ...done, stdout: "" }, { status: 0, stdout: "", stderr: "" });
  const refused = run(["prod=-"], WHOLE.slice(0, 100));
  assert.match(
    refused.stderr,
    /^standard input ends in the middle of its JSON: .*\nAll options: npx b2b-tenants preview-comment --help\n$/,
  );
  assert.deepEqual({ ...refused, stderr: "" }, { status: 2, stdout: "", stderr: "" });
});

function inFile(name: string, text: string): string {
  const file = join(FOLDER, name);
  writeFileSync(file, text);
  return file;
}
