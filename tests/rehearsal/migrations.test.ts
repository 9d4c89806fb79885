import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import type { MigratedTenant } from "../../database/migrations/file-run";
import { migrate } from "../../database/migrations/migrate";
import { chainHash, migrationFiles } from "../../database/migrations/migration-files";
import { migrationStatements } from "../../database/migrations/migration-statements";
import { migratedTo } from "../../database/schema-marker";
import { INSTALLABLE_MAJORS } from "../../rehearsal/servers/postgres-programs";
import { session } from "../conformance/postgres-server";
import { asTenant, createTenant, describeOnEachMajor, type OnServer } from "../conformance/postgres-tenant";
import { killedBeforeEach } from "./kill-before-each";

const INIT = { name: "tenant_init", sha256: "0".repeat(64) };
const ONE = "create table a (n integer primary key); insert into a select generate_series(1, 3);";
const TWO = "alter table a add column t text;\nupdate a set t = 'x' || n;";
const NO_TRANSACTION = "-- migration: no transaction\n";

/** What is killed: a statement that is not repeatable, each kind that no transaction can hold, and a loop with commits of its own. */
const KILLED = `create table a (n integer, t text);
  insert into a select generate_series(1, 3);
  create unique index by_n on a (n);
  create index old on a (t);
  create table parts (n integer) partition by list (n);
  create table part_1 partition of parts for values in (1);`;
const APART_ALONE = [
  "create index concurrently by_t on a (t)",
  "reindex index concurrently by_n",
  "drop index concurrently old",
  "alter table parts detach partition part_1 concurrently",
];
const APART = `${NO_TRANSACTION}insert into a values (4);
alter table a alter n set not null;
${APART_ALONE.join(";\n")};
vacuum a;
do $$ begin update a set t = 'x' || n; commit; end $$;
insert into a values (5, 'x5');`;
/** All that they make, and whether it is whole. */
const MADE = `
  select c.relname, relkind, i.indisvalid, inhparent::regclass as parent, (select json_agg(a order by n) from a) as rows
    from pg_class c left join pg_index i on i.indexrelid = c.oid left join pg_inherits h on h.inhrelid = c.oid
   where relnamespace = current_schema()::regnamespace order by 1`;

/** Takes the row of whichever migration changes the table. */
const FORGETFUL = `
  create function forget() returns trigger language plpgsql as
    'begin delete from b2b_tenants_migrations where number > 1; return null; end';
  create trigger on_update after update on a execute function forget()`;
/** What a tenant can make of its ledger, and how its migrations fail then. */
const HOSTILE: readonly (readonly [what: string, sql: string, error: RegExp])[] = [
  [
    "a view of its name",
    "create view b2b_tenants_migrations as select 1 as number",
    /is not the ledger of its migrations/,
  ],
  ["a type of its name", "create type b2b_tenants_migrations as enum ('x')", /is not the ledger of its migrations/],
  [
    "a rule on it",
    "create rule r as on insert to b2b_tenants_migrations do instead nothing",
    /is not the ledger of its migrations \(it has triggers, rules or policies\)/,
  ],
  [
    "another type of a column",
    "alter table b2b_tenants_migrations alter number type text using E'\\x1b[2J' || number",
    /^the ledger schema_\w+\.b2b_tenants_migrations cannot be read: invalid input syntax for type integer: "\\u\{1b\}\[2J\d"$/,
  ],
  [
    "a row of a migration that is nobody's, with a name without end",
    "insert into b2b_tenants_migrations values (7, E'\\x1b[2J' || repeat('x', 1000000), '', now())",
    /is ahead: it has run \\u\{1b\}\[2Jx+/,
  ],
];

describeOnEachMajor("migrations", suite, INSTALLABLE_MAJORS);

function suite(on: OnServer) {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), "migrations-"));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  /** The files of a commit: `one` becomes `0001_one.sql` and so on. */
  function files(...written: [name: string, sql: string][]) {
    const folder = mkdtempSync(join(root, "files-"));
    mkdirSync(join(folder, "sql/migrations"), { recursive: true });
    for (const [index, [name, sql]] of written.entries()) {
      writeFileSync(join(folder, `sql/migrations/000${index + 1}_${name}.sql`), sql);
    }
    return migrationFiles("sql/migrations", folder);
  }

  const target = (slug: string): MigratedTenant => ({
    tenant: slug,
    schema: `schema_${slug}`,
    user: `user_${slug}`,
    password: `${slug}-secret`,
    host: on.server.host,
    port: on.server.port,
    database: on.server.database,
    sslmode: "disable",
    lockTimeout: 60,
  });
  const up = async (slug: string, ...written: [string, string][]) => [
    ...(await migrate(target(slug), files(...written), INIT)).ran,
  ];

  const as = (slug: string) => session(on.server, `user_${slug}`, `${slug}-secret`);
  const rows = (slug: string, sql: string) => asTenant(on, slug, sql);
  const ledger = async (slug: string) =>
    (
      await rows(slug, "select number, name, applied_at is not null as done from b2b_tenants_migrations order by 1")
    ).map(({ number, name, done }) => `${number} ${name}${done ? "" : " begun"}`);
  const marker = async (slug: string) =>
    migratedTo((await rows(slug, `select obj_description('schema_${slug}'::regnamespace, 'pg_namespace') as c`))[0].c);

  it("run once each, in their order, and are told by ledger and marker", async () => {
    await createTenant(on, "plain");
    assert.deepEqual(await up("plain"), []);
    assert.deepEqual(await ledger("plain"), ["0 tenant_init"]);
    assert.deepEqual(await up("plain", ["one", ONE], ["two", TWO]), ["0001_one", "0002_two"]);
    assert.deepEqual(await up("plain", ["one", ONE], ["two", TWO]), []);
    assert.deepEqual(await ledger("plain"), ["0 tenant_init", "1 0001_one", "2 0002_two"]);
    assert.deepEqual(await rows("plain", "select t from a order by n"), [{ t: "x1" }, { t: "x2" }, { t: "x3" }]);
    const both = files(["one", ONE], ["two", TWO]);
    assert.deepEqual(await marker("plain"), { number: 2, chain: chainHash(both) });
    const [owner] = await rows(
      "plain",
      "select tableowner as o from pg_tables where tablename = 'b2b_tenants_migrations' and schemaname = 'schema_plain'",
    );
    assert.equal(owner.o, "user_plain");
  });

  it("leave the tenant at the version before when a statement fails, and say which", async () => {
    await createTenant(on, "poisoned");
    const bad = "create table b (n integer);\n\nalter table a add constraint one_only\n  unique (t);";
    const twice = "update a set t = 'same';";
    await assert.rejects(
      up("poisoned", ["one", ONE], ["two", TWO], ["three", twice], ["four", bad]),
      (error: Error) => {
        assert.match(error.message, /^sql\/migrations\/0004_four\.sql:3: could not create unique index "one_only"/);
        assert.match(
          error.message,
          /nothing of this file was changed: poisoned stays at 0003_three and goes on working/,
        );
        assert.doesNotMatch(error.message, /same|poisoned-secret/, "no row, no password");
        return true;
      },
    );
    assert.deepEqual(await rows("poisoned", "select to_regclass('b') as b"), [{ b: null }]);
    assert.equal((await marker("poisoned"))?.number, 3);
    await rows("poisoned", "update a set t = n");
    assert.deepEqual(await up("poisoned", ["one", ONE], ["two", TWO], ["three", twice], ["four", bad]), ["0004_four"]);
  });

  for (const [what, slug, bad, words] of [
    [
      "name a column that is not there, by its line",
      "position",
      "-- ñandú 🐦\nselect 'ñ🐦' from a;\nselect\n  nope\n  from a\n  where true",
      /^sql\/migrations\/0003_three\.sql:4: column "nope" does not exist/,
    ],
    [
      "break a rule that is looked at last",
      "deferred",
      "create table d (n integer unique deferrable initially deferred);\ninsert into d values (1), (1)",
      /^sql\/migrations\/0003_three\.sql: at commit: duplicate key/,
    ],
    // Newer than 16, so that the parser here knows it and that server does not. To 17 it is a statement like any other.
    [
      "are no SQL to this server",
      "unparsed",
      "select 1;\nmerge into a using a as b on false when not matched then do nothing returning nope",
      /^sql\/migrations\/0003_three\.sql:2: (syntax error at or near "(merge|returning)"|column "nope" does not exist)/,
    ],
  ] as const) {
    it(`keep the files before one whose statements ${what}`, async () => {
      await createTenant(on, slug);
      const more = ["four", "select 1"] as [string, string];
      const all: [string, string][] = [["one", ONE], ["two", TWO], ["three", bad], more];
      await assert.rejects(up(slug, ...all), (error: Error) => {
        assert.match(error.message, words);
        assert.match(error.message, new RegExp(`: ${slug} stays at 0002_two and goes on working$`));
        return true;
      });
      assert.deepEqual(await ledger(slug), ["0 tenant_init", "1 0001_one", "2 0002_two"]);
      assert.equal((await marker(slug))?.number, 2);
      assert.deepEqual(await up(slug, ["one", ONE], ["two", TWO], ["three", "select 1"], more), [
        "0003_three",
        "0004_four",
      ]);
      assert.equal((await marker(slug))?.number, 4);
    });
  }

  it("are read as reviewers read them, whatever the tenant has set for its role", async () => {
    await createTenant(on, "backslash");
    // From 19 on, the server refuses it.
    const setting = "alter role current_user set standard_conforming_strings = off";
    await rows("backslash", `do $$ begin ${setting}; exception when feature_not_supported then null; end $$`);
    await up("backslash", ["one", "create table paths as select 'c:\\' as path"], ["two", "select 1"]);
    assert.deepEqual(await rows("backslash", "select path from paths"), [{ path: "c:\\" }]);
  });

  it("go on after the statements that took effect, where a file has no transaction", async () => {
    await createTenant(on, "halfway");
    const first = "create index concurrently by_t on a (t);";
    const unique = "\ncreate unique index concurrently once on a ((n % 2));";
    const failing = `${NO_TRANSACTION}${first}${unique}`;
    await assert.rejects(up("halfway", ["one", ONE], ["two", TWO], ["three", failing]), (error: Error) => {
      assert.match(error.message, /^sql\/migrations\/0003_three\.sql:3: could not create unique index "once"/);
      assert.match(error.message, /the file's first statement has taken effect, and the next run goes on after it/);
      return true;
    });
    assert.deepEqual(await ledger("halfway"), ["0 tenant_init", "1 0001_one", "2 0002_two", "3 0003_three begun"]);
    const invalid = "select count(*)::int as n from pg_index where not indisvalid and indrelid = 'a'::regclass";
    assert.deepEqual(await rows("halfway", invalid), [{ n: 1 }], "what a failed attempt leaves");
    // A statement that has been run must stay as it is; the one that failed may change.
    const changed = `${NO_TRANSACTION}create index concurrently by_u on a (t);${unique}`;
    await assert.rejects(
      up("halfway", ["one", ONE], ["two", TWO], ["three", changed]),
      /0003_three\.sql: was changed after tenant halfway had run it/,
    );
    const mended = `${NO_TRANSACTION}${first}\ncreate unique index concurrently once on a ((n % 3));`;
    assert.deepEqual(await up("halfway", ["one", ONE], ["two", TWO], ["three", mended]), ["0003_three"]);
    assert.deepEqual(await rows("halfway", invalid), [{ n: 0 }]);
    assert.equal((await marker("halfway"))?.number, 3);
    // What has begun with none of its statements may run in a transaction after all.
    const three = ["three", mended] as [string, string];
    await assert.rejects(up("halfway", ["one", ONE], ["two", TWO], three, ["four", `${NO_TRANSACTION}select 1 / 0;`]));
    assert.deepEqual(await up("halfway", ["one", ONE], ["two", TWO], three, ["four", "select 1;"]), ["0004_four"]);
    assert.deepEqual((await ledger("halfway")).at(-1), "4 0004_four");
  });

  it("take no index for theirs that was there, and no file for another kind that was begun", async () => {
    await createTenant(on, "taken");
    const two = "insert into a values (4);\ncreate index concurrently by_n on a (n, n);";
    await up("taken", ["one", ONE]);
    await rows("taken", "create index by_n on a (n)");
    for (const attempt of ["first", "second"]) {
      await assert.rejects(
        up("taken", ["one", ONE], ["two", NO_TRANSACTION + two]),
        /^Error: sql\/migrations\/0002_two\.sql:3: there is an index by_n already, which this file has not made: rename it, or drop it/,
        attempt,
      );
    }
    await assert.rejects(
      up("taken", ["one", ONE], ["two", two.replace(" concurrently", "")]),
      /0002_two\.sql: was changed after tenant taken had run it.* Its first line was -- migration: no transaction/,
    );
    await rows("taken", "drop index by_n");
    assert.deepEqual(await up("taken", ["one", ONE], ["two", NO_TRANSACTION + two]), ["0002_two"]);
    assert.deepEqual(await rows("taken", "select n from a where n > 2 order by n"), [{ n: 3 }, { n: 4 }]);
  });

  it("come to the same end when they are killed before every statement", async () => {
    const written: [string, string][] = [
      ["tables", KILLED],
      ["apart", APART],
      ["last", "update a set t = t || '!'; alter table a add primary key using index by_n;"],
    ];
    for (const slug of ["calm", "killed"]) await createTenant(on, slug);
    await up("calm", ...written);
    const side = await as("killed");
    const statements = await killedBeforeEach(side, () => up("killed", ...written)).finally(() => side.end());
    for (const { text } of (await Promise.all(files(...written).map(migrationStatements))).flat()) {
      assert.ok(statements.includes(text), `it was killed before ${text}`);
    }
    const made = async (slug: string) => [await rows(slug, MADE), await ledger(slug), await marker(slug)];
    assert.deepEqual(await made("killed"), await made("calm"));
  });

  for (const statement of APART_ALONE) {
    it(`go on after a session that has died in the middle of ${statement.replace(/ (on|by).*/, "")}`, async () => {
      const slug = `amid_${APART_ALONE.indexOf(statement)}`;
      await createTenant(on, slug);
      await up(slug, ["tables", KILLED]);
      const [backend, side] = [await as(slug), await as(slug)];
      await backend.query("begin; lock table a, parts in row exclusive mode");
      const dying = up(slug, ["tables", KILLED], ["apart", NO_TRANSACTION + statement]);
      const ended = assert.rejects(dying, /terminating connection/);
      const waiting = `select pid from pg_stat_activity where usename = current_user and wait_event_type = 'Lock' and query = $1`;
      let pid: number | undefined;
      while (pid === undefined) pid = (await side.query(waiting, [statement])).rows[0]?.pid;
      await side.query("select pg_terminate_backend($1, 60000)", [pid]);
      await ended;
      await backend.query("commit");
      await Promise.all([backend.end(), side.end()]);
      assert.deepEqual(await up(slug, ["tables", KILLED], ["apart", NO_TRANSACTION + statement]), ["0002_apart"]);
      await createTenant(on, `calm_${slug}`);
      await up(`calm_${slug}`, ["tables", KILLED], ["apart", NO_TRANSACTION + statement]);
      assert.deepEqual(await rows(slug, MADE), await rows(`calm_${slug}`, MADE));
    });
  }

  it("of two runs at once, each file is run by one", async () => {
    await createTenant(on, "twice");
    const slow = "select pg_sleep(0.3);\ncreate table once (n integer);";
    const apart = `${NO_TRANSACTION}select pg_sleep(0.3); create table also_once (n integer);`;
    const both = await Promise.all([
      up("twice", ["one", slow], ["two", apart]),
      up("twice", ["one", slow], ["two", apart]),
    ]);
    assert.deepEqual(both.flat().sort(), ["0001_one", "0002_two"]);
  });

  it("wait for a lock no longer than the setting says, try again, and then say who to look for", async () => {
    await createTenant(on, "busy");
    await up("busy", ["one", ONE]);
    const backend = await as("busy");
    await backend.query("begin; lock table a in access share mode");
    await assert.rejects(up("busy", ["one", ONE], ["two", TWO]), (error: Error) => {
      assert.match(error.message, /^sql\/migrations\/0002_two\.sql:1: canceling statement due to lock timeout/);
      assert.match(error.message, /busy stays at 0001_one.*see pg_stat_activity/);
      return true;
    });
    const later = up("busy", ["one", ONE], ["two", TWO]);
    await rows("busy", "select pg_sleep(0.2)");
    await backend.query("commit");
    await backend.end();
    assert.deepEqual(await later, ["0002_two"]);
  });

  it("refuse a tenant that is ahead, a file that has changed, and what is no ledger", async () => {
    await createTenant(on, "ahead");
    await up("ahead", ["one", ONE], ["two", TWO]);
    await assert.rejects(
      up("ahead", ["one", ONE]),
      /tenant ahead is ahead: it has run 0002_two, and the files end with 0001_one/,
    );
    await assert.rejects(
      up("ahead", ["one", `${ONE} `], ["two", TWO]),
      /^Error: sql\/migrations\/0001_one\.sql: was changed after tenant ahead had run it/,
    );
    await assert.rejects(
      up("ahead", ["other", ONE], ["two", TWO]),
      /0001_other\.sql: took the number of 0001_one after tenant ahead/,
    );
  });

  for (const [index, [what, sql, error]] of HOSTILE.entries()) {
    it(`fail for their tenant alone, and in printable words, when it has made ${what}`, async () => {
      const slug = `hostile_${index}`;
      await createTenant(on, slug);
      if (!sql.startsWith("create view") && !sql.startsWith("create type")) await up(slug, ["one", ONE]);
      await rows(slug, sql);
      await assert.rejects(up(slug, ["one", ONE], ["two", TWO]), ({ message }: Error) => {
        assert.match(message, error);
        assert.doesNotMatch(message, /\p{C}/u);
        assert.ok(message.length < 1000, message);
        return true;
      });
      const added = "select from pg_attribute where attrelid = to_regclass('a') and attname = 't'";
      assert.deepEqual(await rows(slug, added), []);
    });
  }

  it("are not held to be run when code of the tenant's has taken their row from the ledger", async () => {
    await createTenant(on, "forgetful");
    await up("forgetful", ["one", ONE]);
    await rows("forgetful", FORGETFUL);
    await assert.rejects(
      up("forgetful", ["one", ONE], ["two", TWO]),
      /^Error: 0002_two was run, and the ledger schema_forgetful\.b2b_tenants_migrations has lost its row/,
    );
    assert.equal((await marker("forgetful"))?.number, 1);
  });

  it("wait for no transaction of a neighbour's without end, and for no statement", async () => {
    for (const slug of ["patient", "neighbour"]) await createTenant(on, slug);
    const timeouts = "select current_setting('statement_timeout') as t";
    await up(
      "patient",
      ["one", `create table a as ${timeouts}`],
      ["two", `${NO_TRANSACTION}insert into a ${timeouts}`],
    );
    assert.deepEqual(await rows("patient", "select t from a"), [{ t: "10min" }, { t: "4h" }]);
    const neighbour = await as("neighbour");
    await neighbour.query("begin isolation level repeatable read; select count(*) from pg_class");
    const three: [string, string] = ["three", `${NO_TRANSACTION}create index concurrently by_t on a (t)`];
    const written = files(
      ["one", `create table a as ${timeouts}`],
      ["two", `${NO_TRANSACTION}insert into a ${timeouts}`],
      three,
    );
    const hasty = () => migrate({ ...target("patient"), lockTimeout: 1 }, written, INIT);
    await assert.rejects(
      hasty(),
      /canceling statement due to lock timeout .*some transaction of the database, also another tenant's, was there before: see pg_stat_activity/,
    );
    await neighbour.query("commit");
    await neighbour.end();
    assert.deepEqual((await hasty()).ran, ["0003_three"]);
  });
}
