import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { create, diff, read, type SqlScriptInputs, update } from "../../components/dynamic/sql-script-run";
import { asTenant, createTenant, describeOnEachMajor } from "../conformance/postgres-tenant";

describeOnEachMajor("the script that makes a tenant's tables", (on) => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sql-script-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function inputs(slug: string, sql?: string): SqlScriptInputs {
    let file = "sql/tenant_init.sql";
    if (sql !== undefined) {
      file = join(folder, `${slug}.sql`);
      writeFileSync(file, sql);
    }
    const { host, port, database } = on.server;
    return {
      tenant: slug,
      schema: `schema_${slug}`,
      user: `user_${slug}`,
      password: `${slug}-secret`,
      host,
      port,
      database,
      sslmode: "disable" as const,
      file,
      sha256: createHash("sha256").update(readFileSync(file)).digest("hex"),
      adopt: false,
      migrated: false,
    };
  }

  /** What a state keeps of the inputs. */
  const stored = ({ migrated: _, ...kept }: SqlScriptInputs) => kept;

  const tables = (slug: string) =>
    asTenant(on, slug, `select tablename, tableowner from pg_tables where schemaname = 'schema_${slug}' order by 1`);

  async function comment(slug: string): Promise<string> {
    const [row] = await asTenant(
      on,
      slug,
      `select obj_description('schema_${slug}'::regnamespace, 'pg_namespace') as text`,
    );
    return row.text;
  }

  /** The message of the failure, which never holds the password nor a stack. */
  async function failure(work: Promise<unknown>, slug: string): Promise<string> {
    const error = await work.then(
      () => assert.fail("it did not fail"),
      (reason: Error) => reason,
    );
    assert.equal(error.stack, "");
    assert.ok(!`${error.message}${JSON.stringify(error)}`.includes(`${slug}-secret`));
    return error.message;
  }

  it("makes the guide's fourteen tables in the tenant's schema, the tenant's own", async () => {
    await createTenant(on, "whole");
    const script = inputs("whole");
    const made = await create(script);
    assert.equal(made.id, "postgres.schema_whole");
    assert.deepEqual(made.outs, stored(script));
    const rows = await tables("whole");
    assert.equal(rows.length, 14);
    assert.deepEqual([...new Set(rows.map((row) => row.tableowner))], ["user_whole"]);
    assert.equal(await comment("whole"), `b2b-tenants: initialised, sha256 ${script.sha256}`);
  });

  it("that committed before the process died runs again and takes the tables for its own", async () => {
    await createTenant(on, "died");
    await create(inputs("died"));
    await asTenant(on, "died", "insert into categories (name) values ('kept')");
    await create(inputs("died"));
    assert.deepEqual(await asTenant(on, "died", "select name from categories"), [{ name: "kept" }]);
  });

  for (const [i, [object, sql]] of [
    ["sequence precious_n_seq, table precious", "create table precious (n serial primary key)"],
    ["view precious", "create view precious as select 1"],
    ["materialized view precious", "create materialized view precious as select 1"],
    ["sequence precious", "create sequence precious"],
    ["function precious()", "create function precious() returns int language sql as 'select 1'"],
    ["type precious", "create type precious as enum ('a')"],
    ["type precious", "create domain precious as int"],
    ["collation precious", 'create collation precious from "C"'],
    ["text search configuration precious", "create text search configuration precious (copy = simple)"],
  ].entries() as IterableIterator<[number, [string, string]]>) {
    it(`refuses a schema that holds something it did not make: ${sql}`, async () => {
      const slug = `foreign_${i}`;
      await createTenant(on, slug);
      await asTenant(on, slug, sql);
      const expected =
        `schema schema_${slug} already holds ${object}, which this program did not create. If they are tenant ` +
        `${slug}'s own, set 'adopt: true' in its file; otherwise give the tenant another slug, or move them out of the way`;
      assert.equal(await failure(create(inputs(slug)), slug), expected);
      assert.equal(await comment(slug), null);
      assert.deepEqual(
        (await tables(slug)).filter((row) => row.tablename !== "precious"),
        [],
      );
    });
  }

  it("names a few of many objects, of whichever owner, and counts the rest", async () => {
    await createTenant(on, "many");
    await asTenant(on, "many", "create table t1 (); create table t2 (); create table t3 (); create table t4 ()");
    await on.admin.query("grant user_many to postgres");
    await on.admin.query(
      "create table schema_many.t5 (); create table schema_many.t6 (); create table schema_many.t7 ()",
    );
    assert.match(
      await failure(create(inputs("many")), "many"),
      /already holds table t1, table t2, table t3, table t4, table t5 and 2 more, which/,
    );
  });

  it("told to adopt, runs among what is there, and keeps what people wrote about the schema", async () => {
    await createTenant(on, "adopted");
    await asTenant(on, "adopted", "create table precious (n int); comment on schema schema_adopted is 'Made by hand'");
    const script = { ...inputs("adopted"), adopt: true };
    await create(script);
    assert.equal((await tables("adopted")).length, 15);
    assert.equal(await comment("adopted"), `Made by hand\nb2b-tenants: initialised, sha256 ${script.sha256}`);
  });

  it("that fails names the line and what the server said, and leaves nothing behind", async () => {
    await createTenant(on, "failing");
    const script = inputs(
      "failing",
      "create table a (\n  n int\n);\n\ncreate table b (n int\n  references añicos,\n  m int);\n",
    );
    assert.equal(
      await failure(create(script), "failing"),
      `${script.file}:5: relation "añicos" does not exist (tenant failing, schema schema_failing); ` +
        "nothing was changed: the script runs in one transaction",
    );
    assert.deepEqual(await tables("failing"), []);
    assert.equal(await comment("failing"), null);
  });

  it("that fails inside a statement of several lines names the line inside", async () => {
    await createTenant(on, "inside");
    const script = inputs("inside", "create table ñ (n int);\nselect 'ñ',\n  n,\n  nn\nfrom ñ;\n");
    assert.equal(
      await failure(create(script), "inside"),
      `${script.file}:4: column "nn" does not exist; hint: Perhaps you meant to reference the column "ñ.n". ` +
        "(tenant inside, schema schema_inside); nothing was changed: the script runs in one transaction",
    );
  });

  it("that fails at the commit says so, and leaves nothing behind", async () => {
    await createTenant(on, "late");
    const script = inputs(
      "late",
      "create table a (n int primary key);\n" +
        "create table b (n int references a deferrable initially deferred);\ninsert into b values (1);",
    );
    const told = await failure(create(script), "late");
    assert.ok(told.startsWith(`${script.file}: at commit: insert or update on table "b" violates foreign key`), told);
    assert.match(told, /detail: Key \(n\)=\(1\) is not present in table "a"\./);
    assert.match(told, /nothing was changed: the script runs in one transaction$/);
    assert.deepEqual(await tables("late"), []);
  });

  it("has ten minutes a statement, whatever the role's own limit is", async () => {
    await createTenant(on, "slow");
    await on.admin.query("grant user_slow to postgres; alter role user_slow set statement_timeout = '20ms'");
    const wait = "do $$ begin perform pg_sleep(0.1); end $$;";
    await create(inputs("slow", `${wait}\ncreate table a as select current_setting('statement_timeout') as allowed;`));
    assert.deepEqual(await asTenant(on, "slow", "select allowed from a"), [{ allowed: "10min" }]);
  });

  it("makes the tables in its schema, whatever the tenant has set for its role", async () => {
    await createTenant(on, "astray");
    // In one session: what it sets comes into force for the next one.
    await asTenant(
      on,
      "astray",
      `alter role user_astray set search_path to "$user", public;
       alter role user_astray set default_transaction_read_only to on;
       alter role user_astray set local_preload_libraries to 'no_such_library'`,
    );
    await create(inputs("astray", "create table here ();"));
    const { rows } = await on.admin.query("select schemaname from pg_tables where tablename = 'here'");
    assert.deepEqual(rows, [{ schemaname: "schema_astray" }]);
  });

  it("asks the system's own functions, not those of the tenant's of the same name", async () => {
    await createTenant(on, "sly");
    const fake =
      "create function schema_sly.obj_description(oid, name) returns text language sql as $$ select repeat('x', 99) $$";
    await asTenant(on, "sly", fake);
    await asTenant(on, "sly", "alter role user_sly set search_path to schema_sly, pg_catalog");
    assert.match(await failure(create(inputs("sly")), "sly"), /already holds function .*obj_description/);
  });

  it("shows an object's name with nothing in it that a terminal or a log would act on", async () => {
    await createTenant(on, "loud");
    await asTenant(
      on,
      "loud",
      'create function schema_loud."A\n::error::x\u001b[2J"() returns int language sql as $$ select 1 $$',
    );
    const message = await failure(create(inputs("loud")), "loud");
    assert.match(message, /A\\u\{a\}::error::x\\u\{1b\}\[2J/);
    assert.doesNotMatch(message, /\p{C}/u);
  });

  it("that changed since the deployment began is not run, and no session is opened for it", async () => {
    const script = { ...inputs("drifted", "select 1"), port: 1 };
    writeFileSync(script.file, "select 2");
    assert.equal(
      await failure(create(script), "drifted"),
      `${script.file}: changed while the deployment was running; nothing was run: deploy again`,
    );
  });

  it("runs again when it has changed, over the data that are there", async () => {
    await createTenant(on, "changed");
    const olds = inputs("changed", "create table if not exists a (n int);");
    await create(olds);
    await asTenant(on, "changed", "insert into a values (1)");
    const news = inputs(
      "changed",
      "create table if not exists a (n int);\nalter table a add column if not exists m int;",
    );
    const updated = await update("postgres.schema_changed", olds, news);
    assert.deepEqual(updated.outs, stored(news));
    assert.deepEqual(await asTenant(on, "changed", "select n, m from a"), [{ n: 1, m: null }]);
    assert.equal(await comment("changed"), `b2b-tenants: initialised, sha256 ${news.sha256}`);
  });

  it("takes note of a new password without running, and without a session", async () => {
    const olds = { ...inputs("rotated"), port: 1 };
    const news = { ...olds, password: "another" };
    assert.deepEqual((await update("postgres.schema_rotated", olds, news)).outs, stored(news));
  });

  it("is remembered by a refresh as long as its schema carries its mark", async () => {
    await createTenant(on, "refreshed");
    const script = inputs("refreshed");
    const id = "postgres.schema_refreshed";
    assert.equal((await read(id, script)).id, "");
    await create(script);
    assert.deepEqual(await read(id, script), { id, props: stored(script) });
    await on.admin.query("alter role user_refreshed connection limit 0");
    assert.equal((await read(id, script)).id, id, "a tenant that is busy is there");
    await on.admin.query("alter role user_refreshed connection limit -1");
    await asTenant(on, "refreshed", "drop schema schema_refreshed cascade");
    assert.equal((await read(id, script)).id, "");
    assert.equal((await read(id, inputs("never_was"))).id, "");
  });

  it("names server and login when the password is wrong, not the password", async () => {
    await createTenant(on, "wrong");
    const { host, port } = on.server;
    const script = { ...inputs("wrong"), password: "not-wrong-secret" };
    assert.equal(
      await failure(create(script), "wrong"),
      `cannot log in as user_wrong to PostgreSQL at ${host}:${port}, database postgres: password authentication failed ` +
        `for user "user_wrong"; if the password was changed by hand, raise rotation.password in the tenant's file`,
    );
  });

  it("says what to do when the tenant has no connection left", async () => {
    await createTenant(on, "busy");
    await on.admin.query("alter role user_busy connection limit 0");
    const told = await failure(create(inputs("busy")), "busy");
    assert.match(told, /too many connections for role "user_busy"; close some .* or raise database\.connectionLimit/);
  });

  it("says what to look at when the server is out of reach", async () => {
    const script = { ...inputs("lost"), port: 1 };
    const told = await failure(create(script), "lost");
    assert.match(
      told,
      /^cannot log in as user_lost to PostgreSQL at 127\.0\.0\.1:1, database postgres: connect ECONNREFUSED/,
    );
    assert.match(told, /check host and port in b2b-tenants:database, and that the database's security group admits/);
    await assert.rejects(read("postgres.schema_lost", script), /ECONNREFUSED/);
  });

  it("asks for encryption when the settings do, and says so when the server has none", async () => {
    await createTenant(on, "plain");
    const told = await failure(create({ ...inputs("plain"), sslmode: "require" }), "plain");
    assert.match(told, /The server does not support SSL connections/);
  });

  it("has nothing to do when a tenant that was adopted is adopted no more, or the other way round, and else has", async () => {
    const olds = inputs("adopted_once");
    const differs = async (change: object) => (await diff("postgres.schema", olds, { ...olds, ...change })).changes;
    assert.equal(await differs({ adopt: true }), false);
    for (const change of [{ password: "another" }, { sha256: "0" }, { port: 1 }, { __provider: "other code" }]) {
      assert.equal(await differs(change), true, JSON.stringify(change));
    }
  });
});
