import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "pg";
import { offboard } from "../../database/offboarding/offboard";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

describe("a tenant that is removed while it has something to do with another tenant's schema", () => {
  const rehearsal = new ScratchRehearsal({ neighbour: frontend("neighbour"), leaver: frontend("leaver") });
  before(async () => {
    assert.deepEqual((await rehearsal.up()).failures, []);
    rehearsal.withdraw("leaver");
  });
  after(() => rehearsal.remove());

  const as = async (slug: string, sql: string) => rehearsal.sql(sql, [], await tenantLogin(rehearsal.session, slug));

  /** What the removal is refused for; nothing of the tenant may be gone, and it must be able to log in. */
  async function refusal(): Promise<string> {
    const { failures } = await rehearsal.up();
    assert.equal(failures.length, 1);
    assert.deepEqual(
      await as("leaver", "select count(*)::int as tables from pg_tables where schemaname = 'schema_leaver'"),
      [{ tables: 15 }],
    );
    return failures[0] ?? "";
  }

  test("owns a function there, which would run as whoever owned it next: it is refused, by name, and nothing is dropped", async () => {
    await as("neighbour", "grant create, usage on schema schema_neighbour to user_leaver");
    await as(
      "leaver",
      "create function schema_neighbour.trap() returns text language sql security definer as 'select current_user::text'",
    );
    assert.match(
      await refusal(),
      /^leaver-gate: leaver was not removed: outside schema_leaver belong to user_leaver, and no backup holds function schema_neighbour\.trap\(\)/,
    );
    await as("leaver", "drop function schema_neighbour.trap()");
  });

  test("is depended on there: a removal would take along what is another's, and is refused", async () => {
    await as("leaver", "grant usage on schema schema_leaver to user_neighbour");
    await as("leaver", "grant select on schema_leaver.products to user_neighbour");
    await as("neighbour", "create view schema_neighbour.theirs as select name from schema_leaver.products");
    assert.match(
      await refusal(),
      /outside schema_leaver would be dropped along with it, and no backup holds rule _RETURN on view schema_neighbour\.theirs/,
    );
    await as("neighbour", "drop view schema_neighbour.theirs");
  });

  test("has a table that is a member of an extension: neither that nor what others have of it may go along", async () => {
    const superuser = (text: string) => rehearsal.sql(text, [], rehearsal.session.postgres.superuser);
    await superuser(`create schema extensions; create extension vector schema extensions;
      grant usage on schema extensions to user_leaver, user_neighbour`);
    await as("neighbour", "create table schema_neighbour.places (at extensions.vector(2))");
    await as("leaver", "create table schema_leaver.keep (what text)");
    await superuser("alter extension vector add table schema_leaver.keep");
    assert.match(
      (await rehearsal.up()).failures[0] ?? "",
      /an extension that is not of schema_leaver would be dropped along with what it has there: table schema_leaver\.keep of extension vector \(alter extension … drop …/,
    );
    await superuser("alter extension vector drop table schema_leaver.keep");
    await as("leaver", "drop table schema_leaver.keep");
    assert.deepEqual(await as("neighbour", "select at from schema_neighbour.places"), []);
    await as("neighbour", "drop table schema_neighbour.places");
    await superuser("drop schema extensions cascade");
  });

  test("keeps what no backup of a schema holds, as large objects and casts: it is refused", async () => {
    await as("leaver", "select lo_create(4711)");
    await as("leaver", "create type schema_leaver.money as (cents int)");
    await as(
      "leaver",
      "create function schema_leaver.worth(schema_leaver.money) returns int language sql as 'select $1.cents'",
    );
    await as(
      "leaver",
      "create cast (schema_leaver.money as int) with function schema_leaver.worth(schema_leaver.money)",
    );
    const message = await refusal();
    assert.match(message, /belong to user_leaver, and no backup holds large object 4711/);
    assert.match(message, /no backup holds cast from schema_leaver\.money to integer/);
    await as("leaver", "select lo_unlink(4711)");
    await as("leaver", "drop cast (schema_leaver.money as int)");
  });

  test("can be acted for by somebody else, or owns something in another database: it is refused", async () => {
    const { superuser } = rehearsal.session.postgres;
    await rehearsal.sql("grant user_leaver to user_neighbour", [], superuser);
    await inDatabase("template1", "leaver", "select lo_create(4711)");
    const message = await refusal();
    assert.match(message, /may write as user_leaver, although it is fenced: user_neighbour/);
    assert.match(
      message,
      /user_leaver could not be dropped, since objects elsewhere belong to it, name it or give it rights: database template1 \(1\)/,
    );
    await rehearsal.sql("revoke user_leaver from user_neighbour", [], superuser);
    await inDatabase("template1", "leaver", "select lo_unlink(4711)");
  });

  test("could not be dropped for something that is no loss: it is refused before it is disturbed, all of it by name", async () => {
    const { superuser } = rehearsal.session.postgres;
    await as("neighbour", "create table schema_neighbour.notes (who text)");
    await as("neighbour", "create policy for_them on schema_neighbour.notes for select to user_leaver using (true)");
    await rehearsal.sql("grant usage on language plpgsql to user_leaver", [], superuser);
    await rehearsal.sql("grant set on parameter log_min_duration_statement to user_leaver", [], superuser);
    await rehearsal.sql("create database reporting");
    await inDatabase("reporting", undefined, "create table t (id int); grant select on t to user_leaver");
    await rehearsal.sql("create database mine");
    await rehearsal.sql("grant user_leaver to current_user with inherit true, set true");
    await rehearsal.sql("alter database mine owner to user_leaver");
    await rehearsal.sql("revoke user_leaver from current_user");
    const message = await refusal();
    assert.match(message, /named in policy for_them on table schema_neighbour\.notes \(name another role there/);
    assert.match(message, /it has rights for language plpgsql, parameter log_min_duration_statement/);
    assert.match(message, /as rdsadmin: revoke all on language plpgsql from user_leaver cascade/);
    assert.match(message, /belong to user_leaver, and no backup holds database mine \(give it another owner/);
    assert.match(message, /give it rights: database reporting \(1\) \(there, select /);
    // Without a backup too: a removal that ends half-way loses more than a row.
    const { host, port, database, adminUser: user, adminPassword: password } = rehearsal.session.postgres;
    const login = { host, port, database, sslmode: "disable", user, password } as const;
    const names = { tenant: "leaver", schema: "schema_leaver", role: "user_leaver" };
    const gate = { ...login, ...names, destination: "/proc/nowhere", region: "us-east-1", backup: false };
    await assert.rejects(
      offboard(gate, { env: process.env, done: (step) => assert.fail(step) }),
      /named in policy for_them on table schema_neighbour\.notes/,
    );
    const lists = / \(there, (select .*?) lists them/.exec(message)?.[1] ?? "";
    const { rows } = await inDatabase("reporting", undefined, lists);
    assert.deepEqual(rows, [{ object: "table t" }]);
    await inDatabase("reporting", undefined, "revoke select on t from user_leaver");
    await as("neighbour", "drop table schema_neighbour.notes");
    await rehearsal.sql("revoke all on language plpgsql from user_leaver", [], superuser);
    await rehearsal.sql("revoke all on parameter log_min_duration_statement from user_leaver", [], superuser);
    await rehearsal.sql("alter database mine owner to postgres", [], superuser);
  });

  /** As the tenant, or else as the admin. */
  async function inDatabase(database: string, slug: string | undefined, sql: string) {
    const { host, port, adminUser, adminPassword } = rehearsal.session.postgres;
    const admin = { user: adminUser, password: adminPassword };
    const { user, password } = slug === undefined ? admin : await tenantLogin(rehearsal.session, slug);
    const client = new Client({ host, port, database, user, password });
    await client.connect();
    return client.query<{ object: string }>(sql).finally(() => client.end());
  }

  test("has passed its gate, and is let in again: all is as it was", async () => {
    await as("neighbour", "grant usage on schema schema_neighbour to user_leaver");
    await as("neighbour", "alter default privileges in schema schema_neighbour grant select on tables to user_leaver");
    await as("neighbour", "select lo_create(815)");
    const before = await rightsOf();
    assert.match(before, /schema_leaver.*schema_neighbour/s);
    rehearsal.withdraw("neighbour");
    const { failures } = await rehearsal.upToFirstFailure();
    assert.match(failures.join(), /^neighbour-gate: .*large object 815/);
    await as("neighbour", "select lo_unlink(815)");
    rehearsal.declare("neighbour");
    rehearsal.declare("leaver");
    assert.deepEqual((await rehearsal.up()).failures, []);
    assert.equal(await rightsOf(), before);
    assert.deepEqual((await rehearsal.up()).changes, []);
    rehearsal.withdraw("leaver");
  });

  /** What the leaver is promised and may do, in its schema and elsewhere. */
  async function rightsOf(): Promise<string> {
    const rows = await rehearsal.sql(
      `select pg_describe_object(classid, objid, objsubid) as object from pg_shdepend where refobjid = 'user_leaver'::regrole and deptype = 'a'
       order by 1`,
    );
    return rows.map(({ object }) => object).join("\n");
  }

  test("has been given rights there and elsewhere: they end with it, and keep it from being removed no more", async () => {
    await as("neighbour", "grant select (name), update on schema_neighbour.products to user_leaver with grant option");
    await as("leaver", "grant select (name) on schema_neighbour.products to user_neighbour");
    await as("neighbour", "grant usage on all sequences in schema schema_neighbour to user_leaver");
    await as("neighbour", "create function schema_neighbour.hello() returns int language sql as 'select 1'");
    await as("neighbour", "grant execute on function schema_neighbour.hello() to user_leaver");
    // Two that the server's own short form cannot tell apart.
    await as("neighbour", "create procedure schema_neighbour.p(in a int) language sql as ''");
    await as("neighbour", "create procedure schema_neighbour.p(out a int) language sql as 'select 1'");
    await as("neighbour", "create function schema_neighbour.q(int) returns int language sql as 'select 1'");
    await as("neighbour", "create procedure schema_neighbour.q(out a int) language sql as 'select 1'");
    await as("neighbour", "grant execute on procedure schema_neighbour.p(in int) to user_leaver");
    await as("neighbour", "grant execute on function schema_neighbour.q(int) to user_leaver");
    await as("neighbour", "alter default privileges in schema schema_neighbour grant select on tables to user_leaver");
    await as("leaver", "alter default privileges revoke execute on functions from public");
    await as("leaver", "alter default privileges grant select on tables to user_neighbour");
    await rehearsal.sql("create role club; create role pal; grant club to user_leaver with admin option");
    await as("leaver", "grant club to pal");
    await rehearsal.sql("create database elsewhere");
    await rehearsal.sql("grant connect on database elsewhere to user_leaver");
    assert.deepEqual((await rehearsal.up()).failures, []);
    assert.deepEqual(await rehearsal.sql("select from pg_roles where rolname = 'user_leaver'"), []);
    assert.deepEqual(await rehearsal.sql("select from pg_auth_members where member = 'pal'::regrole"), []);
    const acl = await rehearsal.sql(
      "select relacl::text as acl from pg_class where oid = 'schema_neighbour.products'::regclass",
      [],
      rehearsal.session.postgres.superuser,
    );
    assert.deepEqual(acl, [{ acl: "{user_neighbour=arwdDxt/user_neighbour}" }]);
  });
});
