import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { jobAt } from "./workflow-files";

// The scripts of the workflows, run by bash as a runner does, with programs that note how they were called in the place of gh
// and npx. What a program prints, and its exit status, is taken from the environment variable of its name and its first words.

const PROGRAM = `#!/usr/bin/env bash
{ printf '%s' "$(basename "$0")"; printf ' [%s]' "$@"; echo; } >> "$CALLS"
words="$(basename "$0")_$1_\${2:-}"
answer="ANSWER_\${words//[^A-Za-z0-9_]/_}"
printf '%s' "\${!answer:-}"
status="STATUS_\${words//[^A-Za-z0-9_]/_}"
exit "\${!status:-0}"
`;

interface Ran {
  readonly status: number;
  /** Each program that was called, with its arguments. */
  readonly calls: readonly string[];
  /** A file that the script wrote. */
  file(name: string): string;
}

function run(
  t: TestContext,
  place: string,
  step: string,
  env: NodeJS.ProcessEnv,
  files: Record<string, string> = {},
): Ran {
  const found = jobAt(place).steps.find(({ id, name }) => id === step || name === step);
  assert.ok(found?.run, `${place} has no script ${step}`);
  for (const name of Object.keys(found.env ?? {}))
    assert.ok(name in env || /^PULUMI_/.test(name), `${name} is not given`);
  const folder = mkdtempSync(join(tmpdir(), "script-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ["gh", "npx"]) {
    write(join(folder, "bin", name), PROGRAM);
    chmodSync(join(folder, "bin", name), 0o755);
  }
  for (const [name, text] of Object.entries({ ...files, calls: "", output: "" })) write(join(folder, name), text);
  const places = {
    CALLS: join(folder, "calls"),
    GITHUB_OUTPUT: join(folder, "output"),
    RUNNER_TEMP: folder,
    GITHUB_STEP_SUMMARY: "summary",
  };
  const github = { GITHUB_REPOSITORY: "o/r", GITHUB_SERVER_URL: "https://github.com", GITHUB_SHA: "c0ffee" };
  const path = { PATH: `${join(folder, "bin")}:${process.env.PATH}` };
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  let status = 0;
  try {
    execFileSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", found.run], {
      cwd: folder,
      env: { ...path, ...places, ...github, ...env },
      stdio: ["ignore", "ignore", "ignore"],
    });
  } catch (error) {
    status = (error as { status: number }).status;
  }
  return { status, calls: read("calls").split("\n").filter(Boolean), file: read };
}

const HOSTILE = "x'; touch pwned #";

test("preview: a failed one is kept and told, and fails the job later", (t) => {
  const script = (status: string) =>
    run(t, "preview.yml preview", "preview", {
      STACK: "prod",
      ANSWER_npx_pulumi_preview: "{}",
      STATUS_npx_pulumi_preview: status,
    });
  for (const status of ["0", "255"]) {
    const ran = script(status);
    assert.equal(ran.status, 0);
    const [call = "", ...more] = ran.calls;
    const log = "[--policy-pack] [policy] [--event-log] [EVENTS]";
    assert.deepEqual(
      [call.replace(/\[[^\]]*\/events\.jsonl\]/, "[EVENTS]"), more],
      [`npx [pulumi] [preview] [--json] ${log} [--non-interactive] [--stack] [prod]`, []],
    );
    assert.equal(ran.file("previews/prod.json"), "{}");
    assert.equal(ran.file("output"), `status=${status}\n`);
    const told = { "previews/prod.json": '{"message": "role x is there"}' };
    const last = run(t, "preview.yml preview", "A preview that failed fails", { STATUS: status, STACK: "prod" }, told);
    assert.equal(last.status, status === "0" ? 0 : 1);
  }
  const refused = { "previews/prod.json": '{"message": "warning: will be refused: role x is there"}' };
  const last = run(t, "preview.yml preview", "A preview that failed fails", { STATUS: "0", STACK: "prod" }, refused);
  assert.equal(last.status, 1);
});

for (const [name, log, expected] of [
  ["none, where there is no log", undefined, undefined],
  ["none, of an empty log", "", undefined],
  ["its policy events alone", "a state\n", "an event"],
] as const) {
  test(`preview: of the event log is kept: ${name}`, (t) => {
    const files: Record<string, string> = { "previews/prod.json": "{}" };
    if (log !== undefined) files["events.jsonl"] = log;
    const env = { STACK: "prod", ANSWER_npx_b2b_tenants_ci: "an event" };
    const ran = run(t, "preview.yml preview", "Keep what policies have found", env, files);
    assert.equal(ran.status, 0);
    if (expected === undefined) {
      assert.deepEqual(ran.calls, []);
      assert.throws(() => ran.file("previews/prod.events"), /ENOENT/);
    } else {
      assert.match(ran.calls.join(), /^npx \[b2b-tenants\] \[ci\] \[policy-events\] \[\/[^\]]*\/events\.jsonl\]$/);
      assert.equal(ran.file("previews/prod.events"), expected);
    }
  });
}

test("preview: what is uploaded is the folder that the event log is not in", () => {
  const uploads = jobAt("preview.yml preview").steps.filter(({ uses }) => uses?.startsWith("actions/upload-artifact@"));
  assert.deepEqual(
    uploads.map((step) => step.with?.path),
    ["previews"],
  );
});

test("preview: the comment is given what policies have found, stack by stack, where something was", (t) => {
  const env = {
    STACKS: '["prod","big"]',
    GONE: "[]",
    COMMIT: "abc",
    RUN: "https://run",
    ANSWER_npx_b2b_tenants_preview_comment: "the comment\n",
  };
  const ran = run(t, "preview.yml write", "Write the comment", env, {
    "previews/prod.json": "{}",
    "previews/prod.events": "",
    "previews/big.json": "{}",
    "previews/big.events": "{}",
  });
  assert.match(
    ran.calls.join(),
    /\[--event-log=big=previews\/big\.events\] \[--\] \[prod=previews\/prod\.json\] \[big=previews\/big\.json\]$/,
  );
});

test("preview: the comment is of the previews that are there, and names those that are not", (t) => {
  const env = {
    STACKS: '["prod","big"]',
    GONE: "[]",
    COMMIT: "abc",
    RUN: "https://run",
    ANSWER_npx_b2b_tenants_preview_comment: "the comment\n",
    ANSWER_npx_b2b_tenants_ci: "a finding\n",
    STATUS_npx_b2b_tenants_ci: "1",
  };
  const ran = run(t, "preview.yml write", "Write the comment", env, {
    "previews/prod.json": "{}",
    "previews/big.json": "",
  });
  assert.deepEqual([ran.status, ran.file("findings.txt")], [0, "a finding\n"]);
  assert.deepEqual(ran.calls, [
    "npx [b2b-tenants] [ci] [lint-migrations]",
    "npx [b2b-tenants] [preview-comment] [--findings] [findings.txt] [--repository] [https://github.com/o/r] [--commit] [abc] [--run] [https://run] " +
      "[--missing=big] [--] [prod=previews/prod.json]",
  ]);
  assert.equal(ran.file("comment.md"), "the comment\n");
});

test("preview: where nothing is touched the comment says so, and of which commit", (t) => {
  const env = { STACKS: "[]", GONE: "[]", COMMIT: "0123abcdef", RUN: "https://run" };
  const ran = run(t, "preview.yml write", "Write the comment", env);
  assert.deepEqual([ran.status, ran.calls], [0, []]);
  assert.match(
    ran.file("comment.md"),
    /^<!-- b2b-tenants preview -->\n\nThis change touches no stack, at `0123abc`\.\n$/,
  );
});

test("preview: of a stack whose settings are gone the comment tells, also where nothing else is touched", (t) => {
  const env = { STACKS: "[]", GONE: '["prod-2","old"]', COMMIT: "abc", RUN: "https://run" };
  const ran = run(t, "preview.yml write", "Write the comment", env);
  assert.equal(ran.status, 0);
  assert.match(ran.calls.at(-1) ?? "", / \[--run\] \[https:\/\/run\] \[--gone=prod-2\] \[--gone=old\] \[--\]$/);
});

test("preview: a comment that cannot be written is no empty comment", (t) => {
  const env = {
    STACKS: '["prod"]',
    GONE: "[]",
    COMMIT: "abc",
    RUN: "https://run",
    STATUS_npx_b2b_tenants_preview_comment: "2",
  };
  assert.equal(run(t, "preview.yml write", "Write the comment", env, { "previews/prod.json": "x" }).status, 2);
});

for (const [name, ids, stacks, gone, expected] of [
  ["is made", "", '["prod"]', "[]", ["gh [api] [--silent] [repos/o/r/issues/7/comments] [--field] [body=@comment.md]"]],
  [
    "is put up to date",
    "11\n12\n",
    '["prod"]',
    "[]",
    ["gh [api] [--silent] [--method] [PATCH] [repos/o/r/issues/comments/11] [--field] [body=@comment.md]"],
  ],
  ["is not made where nothing is touched", "", "[]", "[]", []],
  [
    "is made where all that is touched is gone",
    "",
    "[]",
    '["prod-2"]',
    ["gh [api] [--silent] [repos/o/r/issues/7/comments] [--field] [body=@comment.md]"],
  ],
  [
    "is put up to date where nothing is touched any more",
    "11",
    "[]",
    "[]",
    ["gh [api] [--silent] [--method] [PATCH] [repos/o/r/issues/comments/11] [--field] [body=@comment.md]"],
  ],
] as const) {
  test(`preview: the one comment ${name}`, (t) => {
    const env = { GH_TOKEN: "t", NUMBER: "7", STACKS: stacks, GONE: gone, ANSWER_gh_api___paginate: ids };
    const ran = run(t, "preview.yml comment", "Comment, or put the comment up to date", env);
    assert.equal(ran.status, 0);
    assert.match(ran.calls[0] ?? "", /^gh \[api\] \[--paginate\] \[repos\/o\/r\/issues\/7\/comments\] \[--jq\]/);
    assert.deepEqual(ran.calls.slice(1), expected);
  });
}

for (const folder of ["sql/migrations", "sql/eu of it"]) {
  test(`trial: of the change come its migrations, all of them and nothing else, in ${folder}`, (t) => {
    const ran = run(
      t,
      "preview.yml try",
      "Take the migrations of the change, and nothing else of it",
      { STACK: "prod", ANSWER_npx_b2b_tenants_ci: folder },
      {
        [`${folder}/0001_one.sql`]: "main's",
        [`${folder}/0002_gone.sql`]: "main's",
        [`${folder}/README.md`]: "main's",
        "sql/tenant_init.sql": "main's",
        [`change/${folder}/0001_one.sql`]: "the change's",
        [`change/${folder}/0002_two.sql`]: "the change's",
        [`change/${folder}/README.md`]: "the change's",
        [`change/${folder}/deeper/0003_three.sql`]: "the change's",
        "change/sql/tenant_init.sql": "the change's",
      },
    );
    assert.equal(ran.status, 0);
    assert.deepEqual(ran.calls, [
      "npx [b2b-tenants] [ci] [migrations-folder] [change] [prod]",
      "npx [b2b-tenants] [ci] [migrations-folder] [.] [prod]",
    ]);
    for (const name of ["0001_one.sql", "0002_two.sql"]) assert.equal(ran.file(`${folder}/${name}`), "the change's");
    for (const name of [`${folder}/README.md`, "sql/tenant_init.sql"]) assert.equal(ran.file(name), "main's");
    for (const name of [`${folder}/0002_gone.sql`, `${folder}/deeper/0003_three.sql`, "change"]) {
      assert.throws(() => ran.file(name), /ENOENT/, name);
    }
  });
}

test("trial: where the folder is not known, nothing is tried", (t) => {
  const env = { STACK: "prod", STATUS_npx_b2b_tenants_ci: "2" };
  const ran = run(t, "preview.yml try", "Take the migrations of the change, and nothing else of it", env);
  assert.equal(ran.status, 2);
});

test("trial: a failed one is kept and told, and fails the job later; of a new stack there is none", (t) => {
  const step = "Try them on copies of the biggest tenant and of some others";
  const settings = { "Pulumi.prod.yaml": "config: {}\n" };
  for (const [answer, status, shown] of [
    ["passed\n", "0", /^passed\n$/],
    ["failed\n", "1", /^failed\n$/],
    ["", "2", /not tried on `prod`/],
  ] as const) {
    const env = { STACK: "prod", ANSWER_npx_b2b_tenants_migrate: answer, STATUS_npx_b2b_tenants_migrate: status };
    const ran = run(t, "preview.yml try", step, env, settings);
    assert.deepEqual(
      [ran.status, ran.calls],
      [0, ["npx [b2b-tenants] [migrate] [--try] [--sample] [5] [--markdown] [--stack] [prod]"]],
    );
    assert.match(ran.file("trials/prod.md"), shown);
    assert.equal(ran.file("output"), `status=${status}\n`);
    const last = run(t, "preview.yml try", "A trial that failed fails", { STATUS: status });
    assert.equal(last.status, status === "0" ? 0 : 1);
  }
  const fresh = run(t, "preview.yml try", step, { STACK: "prod" });
  assert.deepEqual([fresh.status, fresh.calls, fresh.file("output")], [0, [], "status=0\n"]);
});

for (const [name, ids, expected] of [
  ["is made", "", ["gh [api] [--silent] [repos/o/r/issues/7/comments] [--field] [body=@comment.md]"]],
  [
    "is put up to date",
    "11\n12\n",
    ["gh [api] [--silent] [--method] [PATCH] [repos/o/r/issues/comments/11] [--field] [body=@comment.md]"],
  ],
] as const) {
  test(`trial: its comment ${name}, with what each stack's has printed`, (t) => {
    const env = { GH_TOKEN: "t", NUMBER: "7", COMMIT: "0123abcdef", RUN: "https://run", ANSWER_gh_api___paginate: ids };
    const files = Object.fromEntries(
      ["a", "b", "c", "d", "e", "f", "g", "h"].map((one) => [`trials/${one}.md`, `trial ${one}\n`]),
    );
    const ran = run(t, "preview.yml comment-trial", "Comment, or put the comment up to date", env, files);
    assert.equal(ran.status, 0);
    assert.deepEqual(ran.calls.slice(1), expected);
    const comment = ran.file("comment.md");
    assert.match(
      comment,
      /^<!-- b2b-tenants trial -->\n\n## Trial of the migrations at `0123abc`\n\ntrial a\n\ntrial b\n/,
    );
    assert.match(comment, /\ntrial g\n\n7 of 8 stacks; see \[the run\]\(https:\/\/run\)\.\n$/);
    const none = run(t, "preview.yml comment-trial", "Comment, or put the comment up to date", env);
    assert.match(none.file("comment.md"), /\n0 of 0 stacks; see \[the run\]/);
  });
}

test("preview: the stacks that a change touches, leaves without settings, and migrates are handed on", (t) => {
  const ran = run(t, "preview.yml stacks", "stacks", { ANSWER_npx_b2b_tenants_ci: '["prod"]' });
  assert.equal(ran.status, 0);
  assert.deepEqual(ran.calls, [
    "npx [b2b-tenants] [ci] [stacks-touched] [--base] [HEAD^1]",
    "npx [b2b-tenants] [ci] [stacks-touched] [--base] [HEAD^1] [--gone]",
    "npx [b2b-tenants] [ci] [stacks-touched] [--base] [HEAD^1] [--migrations]",
  ]);
  assert.equal(ran.file("output"), 'stacks=["prod"]\ngone=["prod"]\nmigrations=["prod"]\n');
  const { outputs = {} } = jobAt("preview.yml stacks");
  for (const name of ["stacks", "gone", "migrations"])
    assert.equal(outputs[name], `\${{ steps.stacks.outputs.${name} }}`);
});

for (const [name, event, before, stack, options] of [
  ["what a push changed", "push", "b4", "", "[--base=b4]"],
  ["everything, by hand", "workflow_dispatch", "", "", ""],
  ["one stack, by hand", "workflow_dispatch", "", HOSTILE, `[--stack=${HOSTILE}]`],
] as const) {
  test(`deploy: ${name}`, (t) => {
    const env = { GITHUB_EVENT_NAME: event, BEFORE: before, STACK: stack, ANSWER_npx_b2b_tenants_ci: '["prod"]' };
    const ran = run(t, "deploy.yml stacks", "stacks", env);
    assert.equal(ran.status, 0);
    assert.deepEqual(ran.calls, [`npx [b2b-tenants] [ci] [stacks-touched] ${options}`.trimEnd()]);
    assert.equal(ran.file("output"), 'stacks=["prod"]\n');
  });
}

test("deploy: a change that no stack declares stops all of it", (t) => {
  const env = { GITHUB_EVENT_NAME: "push", BEFORE: "b4", STACK: "", STATUS_npx_b2b_tenants_ci: "2" };
  const ran = run(t, "deploy.yml stacks", "stacks", env);
  assert.deepEqual([ran.status, ran.file("output")], [2, ""]);
});

test("deploy: leaves a stack to the run of a later change to it, and only then", (t) => {
  for (const [later, expected] of [
    ["[]", ""],
    ['["prod-2","big"]', ""],
    ['["big","prod"]', "later=true\n"],
  ] as const) {
    const ran = run(t, "deploy.yml deploy", "later", { STACK: "prod", ANSWER_npx_b2b_tenants_ci: later });
    assert.deepEqual([ran.status, ran.file("output")], [0, expected], later);
    assert.deepEqual(ran.calls, ["npx [b2b-tenants] [ci] [stacks-touched] [--base] [c0ffee]"]);
  }
});

test("drift: both checks are made and kept, whichever fails, and the job fails then", (t) => {
  const { status, file } = run(t, "drift.yml drift", "Compare what is there with what main declares", {
    STACK: "prod",
    ANSWER_npx_pulumi_preview: "~ role",
    STATUS_npx_pulumi_preview: "7",
  });
  assert.deepEqual([status, file("drift/prod/preview.txt"), file("drift/prod/preview.status")], [0, "~ role", "7\n"]);
  const verify = { STACK: "prod", ANSWER_npx_b2b_tenants_verify: "a leak", STATUS_npx_b2b_tenants_verify: "1" };
  const proof = run(t, "drift.yml drift", "Prove that no tenant reaches another", verify, { "drift/prod/x": "" });
  assert.deepEqual(
    [proof.status, proof.file("drift/prod/verify.txt"), proof.file("drift/prod/verify.status")],
    [0, "a leak", "1\n"],
  );
  assert.deepEqual(proof.calls, [
    "npx [b2b-tenants] [verify] [--stack] [prod] [--html] [drift/prod/proof.html] [--summary] [summary]",
  ]);
  for (const [preview, verified, expected] of [
    ["0", "0", 0],
    ["7", "0", 1],
    ["0", "1", 1],
  ] as const) {
    const files = { "drift/prod/preview.status": `${preview}\n`, "drift/prod/verify.status": `${verified}\n` };
    assert.equal(run(t, "drift.yml drift", "A check that failed fails", { STACK: "prod" }, files).status, expected);
  }
});

for (const [name, report, number, expected] of [
  ["nothing to say", "", "", []],
  ["is closed", "", "5", ["gh [issue] [close] [5] [--comment] [Everything holds again: https://run]"]],
  ["is put up to date", "bad", "5", ["gh [issue] [edit] [5] [--body-file] [issue.md]"]],
  [
    "is opened",
    "bad",
    "",
    [
      "gh [label] [create] [drift] [--force] [--description] [What the nightly check found] [--color] [B60205]",
      "gh [issue] [create] [--title] [The nightly check failed] [--label] [drift] [--body-file] [issue.md]",
    ],
  ],
] as const) {
  test(`drift: the one issue ${name}`, (t) => {
    const env = { GH_TOKEN: "t", GH_REPO: "o/r", RUN: "https://run", ANSWER_gh_issue_list: number };
    const ran = run(t, "drift.yml issue", "Open the issue, put it up to date, or close it", env, {
      "issue.md": report,
    });
    assert.equal(ran.status, 0);
    assert.deepEqual(ran.calls.slice(1), expected);
  });
}

test("offboard: the slug is handed over as it was typed", (t) => {
  const ran = run(t, "offboard.yml plan", "plan", {
    SLUG: HOSTILE,
    AGAIN: "--help",
    ANSWER_npx_b2b_tenants_ci: "slug=x\n",
  });
  assert.deepEqual(ran.calls, [`npx [b2b-tenants] [ci] [offboard-plan] [--] [${HOSTILE}] [--help]`]);
  assert.equal(ran.file("output"), "slug=x\n");
});

for (const [destroys, files] of [
  ["true", ["tenants/bolt.yaml", "Pulumi.alone.yaml"]],
  ["false", ["tenants/bolt.yaml"]],
] as const) {
  test(`offboard: the pull request removes ${files.join(" and ")}`, (t) => {
    const env = {
      GH_TOKEN: "t",
      GH_REPO: "o/r",
      SLUG: "bolt",
      STACK: "alone",
      DESTROYS: destroys,
      FILE: "tenants/bolt.yaml",
      SETTINGS: "Pulumi.alone.yaml",
      GITHUB_RUN_ID: "9",
      GITHUB_RUN_ATTEMPT: "1",
      ANSWER_gh_api_repos_o_r_git_ref_heads_main: "abc",
      ANSWER_gh_api_repos_o_r_contents_tenants_bolt_yaml_ref_offboard_bolt_9_1: "blob1",
      ANSWER_gh_api_repos_o_r_contents_Pulumi_alone_yaml_ref_offboard_bolt_9_1: "blob2",
    };
    const ran = run(t, "offboard.yml remove-file", "Open the pull request", env);
    assert.equal(ran.status, 0);
    const removed = ran.calls.filter((call) => call.includes("[DELETE]"));
    assert.deepEqual(
      removed.map((call) =>
        /contents\/([^\]]*)\].*\[branch=([^\]]*)\] \[--raw-field\] \[sha=(.*)\]$/.exec(call)?.slice(1),
      ),
      files.map((file, index) => [file, "offboard-bolt-9-1", `blob${index + 1}`]),
    );
    assert.ok(
      ran.calls.includes(
        "gh [api] [--silent] [repos/o/r/git/refs] [--raw-field] [ref=refs/heads/offboard-bolt-9-1] [--raw-field] [sha=abc]",
      ),
    );
    assert.match(
      ran.calls.at(-1) ?? "",
      /^gh \[pr\] \[create\] \[--base\] \[main\] \[--head\] \[offboard-bolt-9-1\] \[--title\] \[Offboard bolt\]/,
    );
  });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

test("the one check of all previews fails with any of them", (t) => {
  for (const [RESULTS, status] of [
    ["success success success success", 0],
    ["skipped skipped skipped skipped", 0],
    ["success skipped success success", 0],
    ["success failure success success", 1],
    ["success success cancelled skipped", 1],
  ] as const) {
    assert.equal(
      run(t, "preview.yml previews", "Has every preview held, and every trial?", { RESULTS }).status,
      status,
      RESULTS,
    );
  }
});
