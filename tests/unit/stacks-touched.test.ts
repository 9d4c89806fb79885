import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type StacksTouchedValues, stacksOfChange } from "../../ops/ci/stacks-touched";
import { type Declared, declarationErrors, declaredIn } from "../../ops/fleet/declared";
import { changedPaths, commitOf, treeOf } from "../../ops/fleet/revision";
import { stacksMigrated, stacksTouched } from "../../ops/fleet/stacks-touched";

/** What a commit holds: texts by path. */
type Files = Readonly<Record<string, string>>;

const FILES: Files = {
  "Pulumi.yaml": "name: b2b-tenants\n",
  "Pulumi.prod.yaml": settings(true),
  "Pulumi.big.yaml": settings(false),
  // As `pulumi config set` writes it.
  "Pulumi.alone.yaml": 'config:\n  b2b-tenants:fleet: "false"\n  b2b-tenants:tenantsDir: ./tenants/\n',
  "tenants/acme.yaml": tenant(),
  "tenants/bolt.yaml": tenant("big"),
  "tenants/cruz.yaml": tenant("alone"),
  "tenants/tenant.schema.json": "{}",
  "tenants/README.md": "# Tenants",
  "index.ts": "",
};

const EVERY = ["prod", "alone", "big"];

/** What a change does to some files; undefined removes one. */
type Change = Readonly<Record<string, string | undefined>>;

const CHANGES: readonly [string, Change, readonly string[]][] = [
  ["a tenant of the fleet is changed", { "tenants/acme.yaml": `${tenant()}# more\n` }, ["prod"]],
  ["a tenant of another stack is changed", { "tenants/bolt.yaml": `${tenant("big")}# more\n` }, ["big"]],
  ["a tenant comes", { "tenants/new.yaml": tenant("alone") }, ["alone"]],
  ["a tenant goes", { "tenants/bolt.yaml": undefined }, ["big"]],
  ["a tenant moves from the fleet: the fleet is first", { "tenants/acme.yaml": tenant("big") }, ["prod", "big"]],
  ["a tenant moves to the fleet: the fleet is last", { "tenants/bolt.yaml": tenant() }, ["big", "prod"]],
  ["two swap stacks", { "tenants/acme.yaml": tenant("big"), "tenants/bolt.yaml": tenant() }, ["prod", "big"]],
  [
    "one goes round by way of a third",
    { "tenants/bolt.yaml": tenant("alone"), "tenants/cruz.yaml": tenant() },
    ["big", "alone", "prod"],
  ],
  [
    "another stack becomes the fleet's: the one that its tenants leave is first",
    { "Pulumi.prod.yaml": settings(false), "Pulumi.big.yaml": settings(true) },
    ["prod", "big"],
  ],
  [
    "a tenant moves together with its file",
    {
      "Pulumi.alone.yaml": `${settings(true)}  b2b-tenants:tenantsDir: trial\n`,
      "tenants/acme.yaml": undefined,
      "tenants/cruz.yaml": undefined,
      "trial/acme.yaml": tenant(),
    },
    ["prod", "alone"],
  ],
  ["a tenant is renamed", { "tenants/bolt.yaml": undefined, "tenants/bolts.yaml": tenant("big") }, ["big"]],
  ["a tenant's file becomes unreadable", { "tenants/bolt.yaml": "stack: [" }, EVERY],
  ["a tenant's file was put right", { "tenants/broken.yaml": tenant("big") }, EVERY],
  ["a file in the tenants folder is no tenant's", { "tenants/acme.yml": tenant("big") }, EVERY],
  ["a file's name is no slug", { "tenants/Acme-2.yaml": tenant("big") }, EVERY],
  ["a folder lies among the tenants", { "tenants/old/acme.yaml": tenant("big") }, EVERY],
  ["the stack that is named is no name", { "tenants/bolt.yaml": tenant('"../x"') }, EVERY],
  ["a hidden tenant file", { "tenants/.acme.yaml": tenant() }, EVERY],
  [
    "what lies beside the tenant files",
    {
      "tenants/tenant.schema.json": "[]",
      "tenants/README.md": "",
      "tenants/.gitkeep": "",
      "tenants/.archive/acme.yaml": tenant("big"),
      "tenants/notes.md/acme.yaml": tenant("big"),
    },
    [],
  ],
  ["one stack's settings", { "Pulumi.big.yaml": `${settings(false)}  aws:region: us-east-2\n` }, ["big"]],
  ["settings of a new stack", { "Pulumi.small.yaml": settings(false) }, ["small"]],
  ["a stack and its only tenant go", { "Pulumi.big.yaml": undefined, "tenants/bolt.yaml": undefined }, []],
  [
    "a stack's only tenant moves and the stack goes",
    { "Pulumi.big.yaml": undefined, "tenants/bolt.yaml": tenant() },
    ["prod"],
  ],
  [
    "tests, documentation, commands, workflows",
    {
      "tests/unit/x.test.ts": "",
      "README.md": "",
      "ops/x.ts": "",
      "rehearsal/x.ts": "",
      ".github/workflows/x.yml": "",
      "docs/x.svg": "",
      "biome.json": "",
    },
    [],
  ],
  ...[
    ".devcontainer/devcontainer.json",
    ".editorconfig",
    ".gitattributes",
    ".github/CODEOWNERS",
    ".github/actions/setup/action.yml",
    ".github/dependabot.yml",
    ".gitignore",
    ".husky/pre-commit",
    ".nvmrc",
    ".pre-commit-config.yaml",
    ".tool-versions",
    ".vscode/settings.json",
    "CODEOWNERS",
    "LICENSE",
    "SECURITY.md",
    "cli/main.ts",
    "findings/a-surprise.test.ts",
    "knip.json",
    "renovate.json",
  ].map((path): [string, Change, readonly string[]] => [`${path} is not read`, { [path]: "changed" }, []]),
  ["documentation among the program's files", { "sql/README.md": "", "components/notes.md": "" }, []],
  ...[
    "sql/tenant_init.sql",
    "components/tenant.ts",
    "components/boot/boot.sh",
    "domain/names.ts",
    "policy/index.ts",
    "index.ts",
    "settings.ts",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "Pulumi.yaml",
    ".npmrc",
    "database/connection.ts",
    "something/nobody/thought/of.ts",
  ].map((path): [string, Change, readonly string[]] => [path, { [path]: "changed" }, EVERY]),
  [
    "much at once",
    { "tenants/bolt.yaml": `${tenant("big")}#\n`, "README.md": "", "tenants/cruz.yaml": undefined },
    ["alone", "big"],
  ],
  ["nothing", {}, []],
];

for (const [name, change, expected] of CHANGES) {
  test(`touched: ${name}`, () => {
    const before: Files = name === "a tenant's file was put right" ? { ...FILES, "tenants/broken.yaml": "- " } : FILES;
    const after = Object.fromEntries(
      Object.entries({ ...before, ...change }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    assert.deepEqual(stacksTouched(Object.keys(change), declared(before), declared(after)), expected);
  });
}

test("of this repository, deployments read the program, what it is made with, and the policies", () => {
  const { paths } = treeOf("HEAD");
  const none: Declared = { stacks: [], tenants: new Map(), unreadable: [] };
  const after = { ...none, stacks: declared(FILES).stacks };
  const read = paths.filter((path) => stacksTouched([path], none, after).length === after.stacks.length);
  assert.deepEqual([...new Set(read.map((path) => path.replace(/\/.*/, "/")))].sort(), [
    "Pulumi.yaml",
    "components/",
    "database/",
    "domain/",
    "index.ts",
    "package-lock.json",
    "package.json",
    "policy/",
    "settings.ts",
    "sql/",
    "tsconfig.json",
  ]);
});

const EU = `${settings(false)}  b2b-tenants:migrations:\n    folder: ./tools/eu/\n`;
const US = `${settings(false)}  b2b-tenants:migrations: '{"folder":"sql/us"}'\n`;

for (const [name, change, touched, migrated] of [
  ["the default folder's", { "sql/migrations/0001_x.sql": "" }, ["prod"], ["prod"]],
  ["those of a folder that a stack names, wherever it is", { "tools/eu/0001_x.sql": "" }, ["big"], ["big"]],
  ["those of a folder that is named in JSON", { "sql/us/0001_x.sql": "" }, ["alone"], ["alone"]],
  ["a README beside them", { "sql/us/README.md": "" }, [], []],
  ["deeper ones, which nobody runs", { "sql/us/old/0001_x.sql": "" }, EVERY, []],
  ["of one stack, and a program's file", { "sql/us/0001_x.sql": "", "index.ts": "x" }, EVERY, ["alone"]],
  ["another folder", { "Pulumi.big.yaml": `${settings(false)}` }, ["big"], ["big"]],
  ["none", { "Pulumi.big.yaml": `${EU}  aws:region: us-east-2\n` }, ["big"], []],
] as const) {
  test(`migrations that a change is about: ${name}`, () => {
    const files = { ...FILES, "Pulumi.big.yaml": EU, "Pulumi.alone.yaml": US };
    const [before, after, paths] = [declared(files), declared({ ...files, ...change }), Object.keys(change)];
    assert.deepEqual(stacksTouched(paths, before, after), touched);
    assert.deepEqual(stacksMigrated(paths, before, after), migrated);
  });
}

test("where it is not known what was before, every stack is touched", () => {
  assert.deepEqual(stacksTouched([], undefined, declared(FILES)), EVERY);
});

test("a folder of its own keeps a stack's tenants apart", () => {
  const files = {
    ...FILES,
    "Pulumi.trial.yaml": `${settings(true)}  b2b-tenants:tenantsDir: trial/tenants\n`,
    "trial/tenants/x.yaml": tenant(),
  };
  const changed = { ...files, "trial/tenants/x.yaml": "" };
  assert.deepEqual(declarationErrors(declared(files)), []);
  assert.deepEqual(stacksTouched(["trial/tenants/x.yaml"], declared(files), declared(files)), ["trial"]);
  assert.deepEqual(stacksTouched(["trial/tenants/x.yaml"], declared(files), declared(changed)), ["trial"]);
});

const FAULTS: readonly [string, Files, readonly string[]][] = [
  ["nothing is wrong", {}, []],
  [
    "a misspelt stack",
    { "tenants/bolt.yaml": tenant("bgi") },
    [`tenants/bolt.yaml: no stack declares it: 'stack' is "bgi"; there are settings of: prod, big, alone`],
  ],
  ["a fleet's tenant that names the fleet's stack", { "tenants/acme.yaml": tenant("prod") }, []],
  [
    "no fleet",
    { "Pulumi.prod.yaml": settings(false) },
    ["tenants/acme.yaml: it names no stack, and no stack's settings set b2b-tenants:fleet to true"],
  ],
  [
    "two fleets",
    { "Pulumi.big.yaml": settings(true) },
    [
      "Pulumi.prod.yaml, Pulumi.big.yaml: each sets b2b-tenants:fleet to true; only one of a folder of tenant files may",
    ],
  ],
  [
    "settings that are none",
    { "Pulumi.big.yaml": "config: [" },
    ["Pulumi.big.yaml: this is not the settings of a stack: write YAML with 'config'"],
  ],
  [
    "a folder that could stand for more than a folder",
    { "Pulumi.big.yaml": `${settings(false)}  b2b-tenants:tenantsDir: "x\\ndestroys=true"\n` },
    ["Pulumi.big.yaml: this is not the settings of a stack: write YAML with 'config'"],
  ],
  [
    "stacks that share an environment",
    { "Pulumi.prod.yaml": settings(true, "prod"), "Pulumi.big.yaml": settings(false, "prod") },
    [],
  ],
  [
    "an environment that is not right is the program's to report",
    { "Pulumi.prod.yaml": settings(true, "prod"), "Pulumi.big.yaml": settings(false, "eu\n") },
    [],
  ],
  [
    "stacks of one folder with two environments",
    { "Pulumi.prod.yaml": settings(true, "prod"), "Pulumi.big.yaml": settings(false, "eu") },
    [
      "Pulumi.big.yaml: 'b2b-tenants:environment' must be that of Pulumi.prod.yaml, whose tenants are in the same folder: prod, got \"eu\"",
    ],
  ],
  [
    "one slug in two folders of an environment",
    {
      "Pulumi.prod.yaml": settings(true, "prod"),
      "Pulumi.east.yaml": `${settings(true, "prod")}  b2b-tenants:tenantsDir: east\n`,
      "east/acme.yaml": tenant(),
      "east/other.yaml": tenant(),
    },
    ["east/acme.yaml: the environment prod has a tenant acme already, tenants/acme.yaml; allowed: another slug"],
  ],
  [
    "one slug in two folders of an environment, one of which has its database alone",
    {
      "Pulumi.prod.yaml": settings(true, "prod"),
      "Pulumi.east.yaml": `${settings(true, "prod")}  b2b-tenants:tenantsDir: east\n`,
      "east/acme.yaml": `${tenant()}databaseOnly: true\n`,
    },
    [],
  ],
  [
    "one slug in two environments",
    {
      "Pulumi.prod.yaml": settings(true, "prod"),
      "Pulumi.trial.yaml": `${settings(true, "trial")}  b2b-tenants:tenantsDir: trial\n`,
      "trial/acme.yaml": tenant(),
    },
    [],
  ],
  ["a tenant file that is not right is the program's to report", { "tenants/bolt.yaml": "stack: [" }, []],
];

for (const [name, files, expected] of FAULTS) {
  test(`declared: ${name}`, () => {
    assert.deepEqual(declarationErrors(declared({ ...FILES, ...files })), expected);
  });
}

test("a stack whose settings a change takes away is told, and named for those who ask for it", () => {
  const repository = mkdtempSync(join(tmpdir(), "repository-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: repository });
  try {
    git("init", "--quiet");
    const files = { ...FILES, "Pulumi.odd.yaml": "no settings" };
    for (const [path, text] of Object.entries(files)) write(repository, path, text);
    git("add", "--all");
    git("commit", "--quiet", "--message", "x");
    git("rm", "--quiet", "Pulumi.big.yaml", "tenants/bolt.yaml", "Pulumi.odd.yaml");
    git("commit", "--quiet", "--message", "y");
    const told: string[] = [];
    const of = (values: StacksTouchedValues) =>
      stacksOfChange(values, (line) => told.push(line.replace(/:.*/, "")), repository);
    const change = { base: "HEAD^", head: "HEAD" };
    assert.deepEqual(of(change), []);
    assert.deepEqual(told, ["Pulumi.big.yaml is gone", "Pulumi.odd.yaml is gone"]);
    assert.deepEqual(of({ ...change, gone: true }), ["big", "odd"]);
    assert.deepEqual(of({ base: "HEAD", head: "HEAD", gone: true }), []);
    assert.deepEqual(of({ base: "0".repeat(40), head: "HEAD", gone: true }), []);
    for (const wrong of [{ head: "HEAD" }, { ...change, stack: "prod" }, { ...change, migrations: true }])
      assert.throws(() => of({ ...wrong, gone: true }), /--gone compares two commits/);
  } finally {
    rmSync(repository, { recursive: true });
  }
});

test("a commit is read as it is, with odd names, links and renames", () => {
  const repository = mkdtempSync(join(tmpdir(), "repository-"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: repository });
  const commit = () => {
    git("add", "--all");
    git("commit", "--quiet", "--message", "x");
    return commitOf("HEAD", repository) ?? assert.fail("the commit is not found");
  };
  try {
    git("init", "--quiet");
    for (const [path, text] of Object.entries({ ...FILES, 'sql/à "x"\n.md': "" })) write(repository, path, text);
    symlinkSync("acme.yaml", join(repository, "tenants/link.yaml"));
    const first = commit();
    git("mv", "tenants/bolt.yaml", "tenants/cover.yaml");
    rmSync(join(repository, "sql"), { recursive: true });
    write(repository, "tenants/uncommitted.yaml", "");
    git("add", "tenants/cover.yaml");
    rmSync(join(repository, "tenants/uncommitted.yaml"));
    const second = commit();
    assert.deepEqual(changedPaths(first, second, repository).sort(), [
      'sql/à "x"\n.md',
      "tenants/bolt.yaml",
      "tenants/cover.yaml",
    ]);
    const { tenants, stacks } = declaredIn(treeOf(first, repository));
    assert.deepEqual(
      [...tenants.values()].map(({ slug, names }) => [slug, names]),
      [
        ["acme", { stack: undefined }],
        ["bolt", { stack: "big" }],
        ["cruz", { stack: "alone" }],
        ["link", "unreadable"],
      ],
    );
    assert.deepEqual(stacks.map(({ stack }) => stack).sort(), [...EVERY].sort());
    for (const revision of ["0".repeat(40), "--help", "no such", ""])
      assert.equal(commitOf(revision, repository), undefined);
    rmSync(join(repository, ".git"), { recursive: true });
    assert.throws(() => commitOf("HEAD", repository), /^Error: git cannot look up "HEAD": fatal: not a git repository/);
  } finally {
    rmSync(repository, { recursive: true });
  }
});

function declared(files: Files): Declared {
  return declaredIn({ paths: Object.keys(files), read: (path) => new TextEncoder().encode(files[path]) });
}

function settings(fleet: boolean, environment?: string): string {
  const more = environment === undefined ? "" : `  b2b-tenants:environment: ${JSON.stringify(environment)}\n`;
  return `config:\n  b2b-tenants:fleet: ${fleet}\n${more}`;
}

function tenant(stack?: string): string {
  return `frontendUrl: https://shop.example.com\n${stack === undefined ? "" : `stack: ${stack}\n`}`;
}

function write(repository: string, path: string, text: string): void {
  const file = join(repository, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
