import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Client } from "pg";
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
      [{ tables: 14 }],
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
    await onTemplate1("select lo_create(4711)");
    const message = await refusal();
    assert.match(message, /may write as user_leaver, although it is fenced: user_neighbour/);
    assert.match(
      message,
      /objects elsewhere belong to user_leaver, and keep it from being dropped: 1 in database template1/,
    );
    await rehearsal.sql("revoke user_leaver from user_neighbour", [], superuser);
    await onTemplate1("select lo_unlink(4711)");
  });

  /** Where PUBLIC may connect, unless somebody has closed it. */
  async function onTemplate1(sql: string): Promise<void> {
    const { host, port } = rehearsal.session.postgres;
    const { user, password } = await tenantLogin(rehearsal.session, "leaver");
    const client = new Client({ host, port, database: "template1", user, password });
    await client.connect();
    await client.query(sql).finally(() => client.end());
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
    await rehearsal.sql("create database elsewhere");
    await rehearsal.sql("grant connect on database elsewhere to user_leaver");
    assert.deepEqual((await rehearsal.up()).failures, []);
    assert.deepEqual(await rehearsal.sql("select from pg_roles where rolname = 'user_leaver'"), []);
    const acl = await rehearsal.sql(
      "select relacl::text as acl from pg_class where oid = 'schema_neighbour.products'::regclass",
      [],
      rehearsal.session.postgres.superuser,
    );
    assert.deepEqual(acl, [{ acl: "{user_neighbour=arwdDxt/user_neighbour}" }]);
  });
});
