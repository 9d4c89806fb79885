import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { migrate } from "../../database/migrations/migrate";
import { migrationFiles } from "../../database/migrations/migration-files";
import { withMigratedTo } from "../../database/schema-marker";
import { printVersions } from "../../ops/migrate/status";
import type { Trial } from "../../ops/migrate/trial";
import { tryMigrations } from "../../ops/migrate/try-migrations";
import type { StackAccess } from "../../ops/stack/stack-access";
import { expectedLogin, readLogins } from "../../ops/stack/tenant-environment";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { assertInOrder, recordedTasks } from "./recorded-tasks";
import { outcomeOf, ScratchRehearsal } from "./scratch-rehearsal";

const INIT = { name: "tenant_init", sha256: "0".repeat(64) };
const PATIENCE_MS = 60_000;

/** A table of the tenant's, and code that runs whenever a row of it is written. */
const SEED = `
  create function own() returns boolean language plpgsql as $$ begin
    if current_user !~ '^(user|scratch)_' then raise exception 'the tenant''s code runs as %', current_user; end if;
    return true;
  end $$;
  create table things (id integer primary key, code text, note text, amount integer, check (own()))`.trim();
const CLEAN = `${SEED}; insert into things select n, 'code ' || n, 'note', n from generate_series(1, 500) n`;
/** With values that do not go with what the files ask for. */
const ODD = `${CLEAN}; insert into things values (501, 'code 1', null, 100000), (502, 'hunter2', 'note', 1)`;

const FIRST = ["first", "create table later (id integer primary key);"] as const;

describe("npx b2b-tenants migrate", () => {
  const on = new ScratchRehearsal({
    acme: "frontendUrl: https://acme.example.com\n",
    bolt: "frontendUrl: https://bolt.example.com\n",
  });
  let access: StackAccess;

  before(async () => {
    assert.deepEqual((await on.up()).failures, []);
    access = stackAccess(on.session);
    await as("acme", ODD);
    await as("bolt", CLEAN);
  });
  after(() => on.remove());

  async function target(slug: string) {
    const login = (await readLogins(access, [slug])).get(slug);
    assert.ok(login);
    return expectedLogin(access, slug, login);
  }
  const as = async (slug: string, sql: string) =>
    on.sql(sql.replace(/^create/, `set search_path to schema_${slug}; create`), [], await target(slug));

  /** The project folder of a commit with these migrations. */
  function written(...sql: (readonly [name: string, text: string])[]): string {
    const root = mkdtempSync(path.join(on.folder, "files-"));
    mkdirSync(path.join(root, "sql/migrations"), { recursive: true });
    for (const [index, [name, text]] of sql.entries()) {
      writeFileSync(path.join(root, `sql/migrations/000${index + 1}_${name}.sql`), text);
    }
    return root;
  }
  const files = (...sql: (readonly [string, string])[]) => migrationFiles("sql/migrations", written(...sql));

  async function up(slug: string, ...sql: (readonly [string, string])[]) {
    const at = { tenant: slug, schema: `schema_${slug}`, lockTimeout: 1000, ...(await target(slug)) };
    await migrate(at, files(...sql), INIT);
  }

  function listening() {
    const [printed, reported] = [[] as string[], [] as string[]];
    const output = {
      print: (text: string) => void printed.push(text),
      report: (line: string) => void reported.push(line),
    };
    return { printed, reported, output };
  }

  async function tried(slugs: string[], ...sql: (readonly [string, string])[]) {
    const { printed, reported, output } = listening();
    const { tasks, lines } = recordedTasks();
    const options = { slugs, sample: undefined, files: files(...sql), script: INIT };
    const status = await tryMigrations(access, { ...output, tasks }, { ...options, form: "json" });
    const { tenants } = JSON.parse(printed.join()) as { tenants: Trial[] };
    return { status, reported, lines, tenants, text: printed.join() };
  }

  /** Databases and roles of copies. */
  const copies = () =>
    on.sql(
      "select datname as name from pg_database where datname ~ '^scratch' union select rolname from pg_roles where rolname ~ '^scratch'",
    );

  it("--try tells of each file what it does to the tables that are there, and leaves tenant and server as they were", async () => {
    const all = [
      FIRST,
      [
        "column",
        "alter table things add column tag text;\nupdate things set tag = code where id <= 200;\nselect * from things;",
      ],
      ["rewrite", "select 1;\nalter table things alter column amount type bigint;"],
      [
        "index",
        "-- migration: no transaction\ncreate index concurrently by_code on things (code);\ninsert into later values (1), (2);\nvacuum things;\ndo $$ begin end $$;",
      ],
      ["drop", "drop table things;"],
    ] as const;
    const { status, lines, tenants } = await tried(["acme"], ...all);
    assertInOrder(lines, [
      /^in all: 0 of 1 tenant, 0\.00$/,
      /^acme begun$/,
      /^acme: copying: \d.* kB/,
      /^acme: 0002_column: statement 2 of 3$/,
      /^acme: 0005_drop: statement 1 of 1$/,
      /^acme ended$/,
      /^in all ended$/,
    ]);
    assert.deepEqual(
      [status, tenants.map(({ outcome, error, at }) => [outcome, error, at])],
      [0, [["passed", null, null]]],
    );
    const told = tenants[0]?.files.map(({ name, rows, tables, unseen }) => [
      name,
      rows,
      tables.map(({ table, lock, blocks, line, rewritten, dropped }) =>
        [table, lock, blocks, line, rewritten && "rewritten", dropped && "dropped"].filter(Boolean).join(", "),
      ),
      unseen,
    ]);
    assert.deepEqual(told, [
      ["0001_first", 0, [], []],
      ["0002_column", 200, ["things, ACCESS EXCLUSIVE, reads and writes, 1"], []],
      ["0003_rewrite", 0, ["things, ACCESS EXCLUSIVE, reads and writes, 2, rewritten"], []],
      ["0004_index", 2, ["later, ROW EXCLUSIVE, 3", "things, SHARE UPDATE EXCLUSIVE, 2"], [5]],
      ["0005_drop", 0, ["things, ACCESS EXCLUSIVE, reads and writes, 1, dropped"], []],
    ]);
    assert.deepEqual(await copies(), []);
    assert.deepEqual(
      await as(
        "acme",
        "select (select count(*)::int from schema_acme.b2b_tenants_migrations) as ledger, count(*)::int as rows from schema_acme.things",
      ),
      [{ ledger: 1, rows: 502 }],
    );
  });

  const bad = (text: string) => [FIRST, ["bad", text], ["never", "drop table things"]] as const;
  for (const [what, text, error] of [
    [
      "a duplicate that breaks a unique index",
      "create unique index once on things (code);",
      /:1: could not create unique index "once"$/,
    ],
    [
      "a null that breaks not null",
      "select 1;\nalter table things alter column note set not null;",
      /:2: column "note" of relation "things" contains null values$/,
    ],
    [
      "a value that does not fit a narrower type",
      "alter table things alter column amount type smallint;",
      /:1: smallint out of range$/,
    ],
    [
      "a text that is no number, without telling it",
      "alter table things alter column code type integer using replace(code, 'code ', '')::integer;",
      /:1: invalid input syntax for type integer: "…"$/,
    ],
    [
      "what the commit finds",
      "create table part (of integer references things deferrable initially deferred); insert into part values (0);",
      /: at commit: insert or update on table "part" violates foreign key constraint "part_of_fkey" \(tenant acme/,
    ],
  ] as const) {
    it(`--try finds ${what}`, async () => {
      const { status, tenants, text: printed } = await tried(["acme"], ...bad(text));
      assert.equal(status, 1);
      const [acme] = tenants;
      assert.match(acme?.error ?? "", /^sql\/migrations\/0002_bad\.sql:/);
      assert.match(acme?.error ?? "", error);
      assert.deepEqual(
        acme?.files.map(({ name }) => name),
        ["0001_first", "0002_bad"],
      );
      assert.doesNotMatch(printed, /hunter2|code 1/);
      assert.deepEqual(await copies(), []);
    });
  }

  it("--try that is killed leaves a copy, which the next one drops; a tenant that fails does not keep the next from being tried", {
    timeout: PATIENCE_MS,
  }, async () => {
    const folder = path.join(written(["slow", "select pg_sleep(600);"]), "sql/migrations");
    const places = ["--home", on.home.path, "--tenants", on.tenants, "--migrations", folder];
    const sleeping =
      "select pid from pg_stat_activity where datname = 'scratch_acme' and wait_event = 'PgSleep' and pid <> all ($1)";
    const earlier: number[] = [];
    for (const [signal, said] of [
      ["SIGINT", /^trying acme \(1 of 1\)$/m],
      ["SIGKILL", /^dropped scratch_acme, .*\ntrying acme \(1 of 1\)$/m],
    ] as const) {
      const child = spawn(process.execPath, ["cli/b2b-tenants.js", "migrate", "--try", "acme", ...places], {
        cwd: PROJECT_DIR,
        env: { ...process.env, INIT_CWD: undefined },
        stdio: "pipe",
      });
      const outcome = outcomeOf(child);
      const ended = once(child, "exit").then(() => assert.fail("it has ended by itself"));
      ended.catch(() => {});
      const count = earlier.length;
      while (earlier.length === count) {
        await Promise.race([setTimeout(50), ended]);
        earlier.push(...(await on.sql(sleeping, [earlier])).map(({ pid }) => pid));
      }
      child.kill(signal);
      const { stderr } = await outcome;
      assert.match(stderr, said);
      assert.deepEqual(await copies(), [{ name: "scratch_acme" }]);
    }
    // The tenant that fails does not keep the next one from being tried.
    const unique = ["unique", "create unique index once on things (code)"] as const;
    const { status, reported, tenants } = await tried([], FIRST, unique);
    assert.deepEqual(
      [status, tenants.map(({ tenant, outcome }) => [tenant, outcome])],
      [
        1,
        [
          ["acme", "failed"],
          ["bolt", "passed"],
        ],
      ],
    );
    assert.match(reported[0] ?? "", /^dropped scratch_acme, /);
    assert.deepEqual(await copies(), []);
  });

  it("--status tells where each tenant of the database stands; one that is ahead or has run other files fails it", async () => {
    const [one, two] = [FIRST, ["second", "create table second (id integer primary key);"]] as const;
    const status = async (...sql: (readonly [string, string])[]) => {
      const { printed, output } = listening();
      const code = await printVersions(access, output, { files: files(...sql), json: true });
      const { tenants } = JSON.parse(printed.join());
      return [
        code,
        tenants.map((t: Record<string, unknown>) => [t.tenant, t.stack, t.condition, t.at, t.behind].join(" ")),
      ];
    };
    await up("acme", one, two);
    await on.sql('create schema schema_stray; create schema "schema_x\u001b[2J"');
    const chain = "f".repeat(64);
    const forged = withMigratedTo("mine\nb2b-tenants: migrated to 12, sha256 x\n", { number: 9, chain });
    await on.sql(`comment on schema schema_stray is '${forged}'`);
    assert.deepEqual(await status(one, two, ["third", "select 1"]), [
      0,
      ["acme prod behind 0002_second 1", "bolt prod behind  3", "stray  ahead 0009 0", "x\u001b[2J  unknown  3"],
    ]);
    assert.equal((await status(one, two))[0], 0);
    assert.deepEqual((await status(one))[0], 1);
    const [code, tenants] = await status(["first", "select 1"], two);
    assert.deepEqual([code, (tenants as string[])[0]], [1, "acme prod other files 0002 0"]);
    const { printed, output } = listening();
    assert.equal(await printVersions(access, output, { files: files(one), json: false }), 1);
    assert.match(printed.join(), /^acme +prod +0002 +ahead by 1$/m);
    assert.match(printed.join(), /^! Tenant acme is ahead: it has run 0002, and the files end with 0001_first\./m);
    assert.doesNotMatch(printed.join(), /(?!\n)\p{C}/u);
    const trial = await tried([], one);
    assert.deepEqual(
      trial.tenants.map(({ tenant, outcome }) => [tenant, outcome]),
      [
        ["acme", "failed"],
        ["bolt", "passed"],
      ],
    );
    assert.match(trial.tenants[0]?.error ?? "", /^Tenant acme is ahead/);
  });
});
