import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { remove } from "../../components/dynamic/drop-guard-run";
import { liftFence } from "../../database/offboarding/fence";
import type { GateInputs } from "../../database/offboarding/offboard";
import { offboard } from "../../database/offboarding/offboard";
import { freshServer, session, type TestServer } from "../conformance/postgres-server";

describe("before a schema is dropped", () => {
  const backups = mkdtempSync(path.join(tmpdir(), "drop-guard-"));
  let on: TestServer;
  let gate: GateInputs;

  before(async () => {
    on = await freshServer(16);
    const { host, port, database, adminUser: user, adminPassword: password } = on.server;
    gate = {
      tenant: "acme",
      schema: "schema_acme",
      role: "user_acme",
      host,
      port,
      database,
      sslmode: "disable",
      user,
      password,
      destination: backups,
      region: "us-east-1",
      backup: true,
    };
    await on.admin.query(`
      create role user_acme login;
      grant user_acme to postgres with set true;
      create schema schema_acme authorization user_acme`);
    await asTenant("create table orders (id int); create view recent as select * from orders");
  });
  after(async () => {
    await on.remove();
    rmSync(backups, { recursive: true, force: true });
  });

  /** Also when it is shut out, as somebody who may act for it. */
  async function asTenant(sql: string): Promise<void> {
    const superuser = await session(on.server, on.server.superuser.user, on.server.superuser.password);
    await superuser.query(`set role user_acme; set search_path to schema_acme; ${sql}`).finally(() => superuser.end());
  }

  let passed = 0;
  /** To a folder of its own: within one second two backups would have one name. */
  const passGate = (inputs: GateInputs) =>
    offboard(
      { ...inputs, destination: `${backups}/${passed++}` },
      {
        env: { ...process.env, PATH: `${path.dirname(on.server.programs.pg_dump)}:${process.env.PATH}` },
        done: () => {},
      },
    );

  async function relations(): Promise<string[]> {
    const { rows } = await on.admin.query<{ name: string }>(
      "select relname as name from pg_class where relnamespace = 'schema_acme'::regnamespace order by 1",
    );
    return rows.map(({ name }) => name);
  }

  const WHOLE = ["orders", "recent"];

  it("one that never held a row needs no gate: an `up` that ended early can be taken back", async () => {
    await remove("", gate);
    assert.deepEqual(await relations(), WHOLE);
  });

  it("one with rows is kept as long as its gate was not passed, as when an adoption ended early", async () => {
    await asTenant("insert into orders values (1)");
    const told =
      /^schema schema_acme was not dropped: it holds rows \(orders\), and tenant acme has not passed its gate/;
    await assert.rejects(remove("", gate), { message: told });
    assert.deepEqual(await relations(), WHOLE);
  });

  it("one whose removal was given up since is kept", async () => {
    await passGate(gate);
    await liftFence(on.admin, "user_acme");
    await assert.rejects(remove("", gate), /has not passed its gate/);
    assert.deepEqual(await relations(), WHOLE);
  });

  it("one that somebody whom no fence shuts out has written to since its backup is kept, and nothing stays locked", async () => {
    await passGate(gate);
    await asTenant("insert into orders values (2)");
    await assert.rejects(remove("", gate), /it does not hold what its proved backup holds: somebody else/);
    assert.deepEqual(await relations(), WHOLE);
    const { rows } = await on.admin.query(
      "select from pg_auth_members where member = 'postgres'::regrole and roleid = 'user_acme'::regrole and inherit_option",
    );
    assert.deepEqual(rows, []);
  });

  const rightsOn = async (table: string) =>
    (
      await on.admin.query(
        `select relacl::text as rights, array(select attacl::text from pg_attribute where attrelid = c.oid and attnum > 0) as columns
           from pg_class c where relname = $1`,
        [table],
      )
    ).rows[0];

  it("one with a journal, which its owner may not change, is backed up as any other, and keeps it like that", async () => {
    await asTenant("create table journal (n int, seen bool); insert into journal values (1)");
    await asTenant("revoke update, delete, truncate on journal, orders from user_acme");
    await asTenant("grant update (seen) on journal to user_acme");
    const before = await rightsOn("journal");
    await passGate(gate);
    await liftFence(on.admin, "user_acme");
    assert.deepEqual(await rightsOn("journal"), before);
    await asTenant("drop table journal");
  });

  it("one whose owner has taken from itself what a backup needs is refused undisturbed, with what to do", async () => {
    await asTenant(
      "create sequence s; revoke all on sequence s from user_acme; revoke select on orders from user_acme",
    );
    await asTenant("revoke usage on schema schema_acme from user_acme");
    const statements = [
      "grant select on sequence schema_acme.s to user_acme",
      "grant select on table schema_acme.orders to user_acme",
      "grant usage on schema schema_acme to user_acme",
    ];
    await assert.rejects(
      offboard(gate, {
        env: { ...process.env, PATH: `${path.dirname(on.server.programs.pg_dump)}:${process.env.PATH}` },
        done: (step) => assert.fail(step),
      }),
      (error: Error) =>
        error.message.includes(`needs, and that are given back by ${statements.join(", ")} (as that role)`),
    );
    await asTenant(`${statements.reverse().join(";")}; drop sequence s`);
  });

  const asSuperuser = async (sql: string) => {
    const superuser = await session(on.server, on.server.superuser.user, on.server.superuser.password);
    await superuser.query(sql).finally(() => superuser.end());
  };
  const refusedUndisturbed = (inputs: GateInputs, reason: RegExp) =>
    assert.rejects(offboard(inputs, { env: process.env, done: (step) => assert.fail(step) }), reason);

  it("one in which somebody else has a table is refused undisturbed, by name", async () => {
    await asSuperuser(
      "create role user_bolt; create table schema_acme.bolts (n int); alter table schema_acme.bolts owner to user_bolt",
    );
    await assert.rejects(
      passGate(gate),
      /acme was not removed: a backup needs what belongs to others here: table schema_acme\.bolts of user_bolt \(alter … owner to user_acme/,
    );
    await asSuperuser("drop table schema_acme.bolts");
  });

  it("one whose type a neighbour uses is kept, without a backup too, and so are the neighbour's rows", async () => {
    await asTenant("create type mood as enum ('sad', 'ok')");
    const made = "create schema schema_bolt; create table schema_bolt.feelings as select 'sad'::schema_acme.mood as m";
    const reason =
      /outside schema_acme would be dropped along with it, and no backup holds column m of table schema_bolt\.feelings/;
    await asSuperuser(made);
    await refusedUndisturbed({ ...gate, backup: false }, reason);
    await asSuperuser("drop schema schema_bolt cascade");
    await passGate({ ...gate, backup: false });
    await asSuperuser(made);
    await assert.rejects(remove("", gate), reason);
    await asSuperuser("drop schema schema_bolt cascade");
    await liftFence(on.admin, "user_acme");
    await asTenant("drop type mood");
  });

  it("one to whom a neighbour's open transaction gives rights is refused undisturbed, with the session", async () => {
    const neighbour = await session(on.server, on.server.superuser.user, on.server.superuser.password);
    try {
      await neighbour.query("begin; create table public.shared (n int); grant select on public.shared to user_acme");
      const { rows } = await neighbour.query("select format('%s of %s', pg_backend_pid(), current_user) as name");
      await assert.rejects(
        passGate(gate),
        new RegExp(
          `an open transaction gives user_acme rights, or takes them back, in session ${rows[0].name} \\(let it finish`,
        ),
      );
    } finally {
      await neighbour.end();
    }
  });

  it("one that keeps a change of its own role open is fenced all the same", async () => {
    await asSuperuser("alter role user_acme password 'acme'");
    const own = await session(on.server, "user_acme", "acme");
    own.on("error", () => {});
    await own.query("begin; alter role user_acme password 'other'");
    await passGate(gate);
    await liftFence(on.admin, "user_acme");
  });

  it("one whose role somebody has dropped is backed up as any other", async () => {
    await on.admin.query("create schema schema_jose; create table schema_jose.t as select 1 as n");
    await passGate({ ...gate, tenant: "jose", schema: "schema_jose", role: "user_jose" });
    await on.admin.query("drop schema schema_jose cascade");
  });

  it("one that holds what its proved backup holds loses its tables there and then", async () => {
    await passGate(gate);
    await remove("", gate);
    assert.deepEqual(await relations(), []);
    // As after a kill right here: once more does no harm.
    await remove("", gate);
  });

  it("one that is removed without a backup, as its file says, goes as it is", async () => {
    await asTenant("create table orders (id int); insert into orders values (1)");
    await passGate({ ...gate, backup: false });
    await remove("", gate);
    assert.deepEqual(await relations(), ["orders"]);
  });
});
