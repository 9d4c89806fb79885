import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { FileErrors } from "../../domain/file-errors";
import { lintMigrations } from "../../ops/ci/lint-migrations";
import { LINT_RULES } from "../../ops/ci/lint-rules";
import { migrationFolderOf, migrationFolders } from "../../ops/ci/migration-folders";
import { squawkBinary } from "../../ops/ci/squawk";

const root = mkdtempSync(join(tmpdir(), "lint-"));
after(() => rmSync(root, { recursive: true, force: true }));

/** A project with these migrations, by their names. */
async function linted(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(root, "project-"));
  mkdirSync(join(folder, "sql/migrations"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `sql/migrations/${name}.sql`), text);
  // In such a file squawk can be told to look away.
  writeFileSync(join(folder, ".squawk.toml"), 'excluded_rules = ["ban-drop-column"]');
  return lintMigrations(["sql/migrations"], folder);
}

/** Findings as `0001:3 rule`. */
const short = (findings: readonly string[]) =>
  findings.map((text) => text.replace(/^sql\/migrations\/(\d+)_\w+\.sql:(\d+): ([^:]*).*$/s, "$1:$2 $3"));

it("tells what would hurt a tenant at work, with what it means and what to do", async () => {
  const { findings, summary } = await linted({
    "0001_index": "select 1;\n\n-- Why.\ncreate index by_t on a (t);",
    "0002_more":
      "alter table a add constraint c check (n > 0);\nalter table a drop column u, alter column t type bigint;\nalter table a add unique (t);",
    "0003_apart": "-- migration: no transaction\ncreate index concurrently by_u on a (u);\nalter table a rename to b;",
  });
  assert.equal(
    findings[0],
    "sql/migrations/0001_index.sql:4: require-concurrent-index-creation: nobody can write to the table until the index is built. " +
      "Instead: `create index concurrently`, in a file of its own with the first line `-- migration: no transaction`",
  );
  assert.deepEqual(short(findings), [
    "0001:4 require-concurrent-index-creation",
    "0002:1 constraint-missing-not-valid",
    "0002:2 ban-drop-column",
    "0002:2 changing-column-type",
    "0002:3 constraint-missing-not-valid",
    "0002:3 disallowed-unique-constraint",
    "0003:3 renaming-table",
  ]);
  assert.equal(summary, "3 migrations: 7 findings");
});

it("lets pass what the runner takes care of, and what a table that is new may have", async () => {
  const { findings, summary } = await linted({
    "0001_new":
      "create table t (id serial primary key, name varchar(20), n int not null);\ncreate index by_name on t (name);",
    "0002_apart":
      "-- migration: no transaction\ncreate index concurrently by_n on t (n);\ndrop index concurrently by_name;",
    "0003_column": "alter table t add column note text default 'x';",
  });
  assert.deepEqual(findings, []);
  assert.equal(summary, "3 migrations: 0 findings");
  assert.equal((await linted({})).summary, "0 migrations: 0 findings");
});

it("takes an acceptance with a reason, of that statement and that rule alone", async () => {
  const { findings, summary } = await linted({
    "0001_drop":
      "-- accept ban-drop-column: the backend has not read it since release 41\nalter table a drop column u;\nalter table a drop column v;",
    "0002_two":
      "-- accept ban-drop-table: empty since March\n-- accept renaming-table: a view has the old name\n-- accept nothing of the kind\ndrop table b;\ndrop table c;",
  });
  assert.deepEqual(short(findings), [
    "0001:3 ban-drop-column",
    "0002:2 accepts renaming-table, which is not found",
    "0002:5 ban-drop-table",
  ]);
  assert.equal(summary, "2 migrations: 3 findings, 2 findings accepted");
});

it("refuses an acceptance without a reason or in the wrong place, of a rule that is not asked, and squawk's own", async () => {
  const { findings } = await linted({
    "0001_bad": [
      "-- accept ban-drop-column",
      "alter table a drop column u;",
      "-- accept prefer-robust-stmts: why not",
      "alter table a",
      "  -- accept ban-drop-column: inside",
      "  drop column v;",
      "/* squawk-ignore ban-drop-table */ drop table b;",
      "-- accept ban-drop-table: behind",
    ].join("\n"),
  });
  assert.deepEqual(short(findings), [
    "0001:1 accepting ban-drop-column needs a reason",
    "0001:2 ban-drop-column",
    "0001:3 there is no rule prefer-robust-stmts to accept a finding of",
    "0001:5 accepting ban-drop-column belongs on a line above the statement that it is about",
    "0001:6 ban-drop-column",
    "0001:7 squawk's own comments are not allowed; allowed",
    "0001:8 accepting ban-drop-table belongs on a line above the statement that it is about",
  ]);
});

it("tells the statements that a migration must not hold, and looks at the other files all the same", async () => {
  const { findings } = await linted({ "0001_refused": "select 1;\ncommit;", "0002_drop": "drop table a;" });
  assert.match(findings[0] ?? "", /^sql\/migrations\/0001_refused\.sql:2: begin, commit, rollback/);
  assert.deepEqual(short(findings.slice(1)), ["0002:1 ban-drop-table"]);
  await assert.rejects(linted({ "0002_gap": "select 1" }), FileErrors);
});

/** A project with the settings of stacks that name these folders, and with these folders. */
function project(named: Readonly<Record<string, string | undefined>>, folders: readonly string[]): string {
  const made = mkdtempSync(join(root, "project-"));
  for (const folder of folders) mkdirSync(join(made, folder), { recursive: true });
  for (const [stack, folder] of Object.entries(named)) {
    const setting = folder === undefined ? "" : `  b2b-tenants:migrations: {folder: ${folder}}\n`;
    writeFileSync(join(made, `Pulumi.${stack}.yaml`), `config:\n  b2b-tenants:fleet: false\n${setting}`);
  }
  return made;
}

it("looks at every folder that a stack's settings name, and names all errors of all", async () => {
  const named = { prod: undefined, eu: "sql/eu", us: "./sql/eu/", old: "sql/migrations" };
  const two = project(named, ["sql/eu", "sql/migrations"]);
  assert.deepEqual(migrationFolders(two), ["sql/migrations", "sql/eu"]);
  for (const folder of ["sql/migrations", "sql/eu"]) writeFileSync(join(two, folder, "0001_drop.sql"), "drop table a;");
  const { findings, summary } = await lintMigrations(migrationFolders(two), two);
  assert.deepEqual(
    findings.map((text) => text.replace(/: [^:]*: .*$/s, "")),
    ["sql/migrations/0001_drop.sql:1", "sql/eu/0001_drop.sql:1"],
  );
  assert.equal(summary, "2 migrations: 2 findings");
  for (const folder of ["sql/migrations", "sql/eu"]) writeFileSync(join(two, folder, "0003_gap.sql"), "select 1;");
  await assert.rejects(
    lintMigrations(migrationFolders(two), two),
    (error) => error instanceof FileErrors && error.errors.length === 2,
  );
});

it("refuses a folder that is named and missing, and says where it is named; the default one may be missing", async () => {
  const missing = project({ eu: "sql/eu", us: "/no/such", prod: "sql/migrations" }, []);
  const told = (stack: string, folder: string) =>
    `Pulumi.${stack}.yaml: 'b2b-tenants:migrations.folder' names a folder that is not there: "${folder}"; ` +
    "make it, with a README.md where it has no migration yet, or name the one that is meant";
  assert.throws(() => migrationFolders(missing), new FileErrors([told("eu", "sql/eu"), told("us", "/no/such")]));
  const none = project({ prod: "sql/migrations" }, []);
  assert.equal((await lintMigrations(migrationFolders(none), none)).summary, "0 migrations: 0 findings");
  await assert.rejects(lintMigrations(["sql/eu"], none), /sql\/eu: there is no such folder, which the setting/);
  writeFileSync(join(none, "Pulumi.odd.yaml"), "none");
  assert.throws(() => migrationFolders(none), /Pulumi\.odd\.yaml: this is not the settings of a stack/);
});

it("knows where a stack has its migrations, within the project", () => {
  const made = project({ eu: "./sql/eu/", away: "../x", abs: "/x", option: "-x" }, []);
  assert.equal(migrationFolderOf("eu", made), "sql/eu");
  assert.equal(migrationFolderOf("new", made), "sql/migrations");
  for (const stack of ["away", "abs", "option"])
    assert.throws(() => migrationFolderOf(stack, made), /are outside of the project: "/);
});

it("knows no rule that squawk does not", () => {
  const names = Object.keys(LINT_RULES).filter((name) => name !== "syntax-error");
  const { status, stderr } = spawnSync(squawkBinary(), [
    "--exclude",
    names.join(","),
    "--no-error-on-unmatched-pattern",
    "none.sql",
  ]);
  assert.equal(status, 0, String(stderr));
});
