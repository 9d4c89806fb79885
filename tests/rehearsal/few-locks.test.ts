import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Client } from "pg";
import { remove } from "../../components/dynamic/drop-guard-run";
import { dropTables } from "../../database/offboarding/drop-tables";
import { droppableFor, liftFence } from "../../database/offboarding/fence";
import { type GateInputs, offboard } from "../../database/offboarding/offboard";
import { openBackup } from "../../ops/restore/open-backup";
import { type Job, withProvedCopy } from "../../ops/restore/proved-copy";
import type { StackAccess } from "../../ops/stack/stack-access";
import { Steps } from "../../ops/steps";
import { serverEnvironment } from "../../rehearsal/servers/blank-cluster";
import { commandLineOf, startServer } from "../../rehearsal/servers/process";
import { unprivilegedIdentity } from "../../rehearsal/servers/unprivileged";
import { freshServer, session, type TestServer } from "../conformance/postgres-server";

/** Room for some hundred locks: one statement that drops all of these tables wants more, and fails without harm. */
const SMALL = [
  "--max_locks_per_transaction=13",
  "--max_connections=20",
  "--max_wal_senders=0",
  "--max_worker_processes=1",
  "--autovacuum_max_workers=1",
];
const TABLES = 60;

describe("on a server with room for few locks", () => {
  const backups = mkdtempSync(path.join(tmpdir(), "few-locks-"));
  let on: TestServer;
  let admin: Client;

  before(async () => {
    on = await freshServer(16);
    await on.admin.query("create role user_acme login; grant user_acme to postgres with set true");
    await restartSmall();
    admin = await session(on.server, on.server.adminUser, on.server.adminPassword);
  });
  after(async () => {
    await admin.end();
    await on.remove();
    rmSync(backups, { recursive: true, force: true });
  });

  async function restartSmall(): Promise<void> {
    const { server } = on;
    const pidFile = path.join(path.dirname(server.logFile), "data", "postmaster.pid");
    const [postgres = "", ...args] = commandLineOf(Number(readFileSync(pidFile, "utf8").split("\n")[0])).split(" ");
    on.admin.on("error", () => {});
    await server.stop();
    const options = {
      ...unprivilegedIdentity(),
      env: serverEnvironment(),
      logFile: server.logFile,
      seconds: 60,
      giveUp: "SIGQUIT",
    } as const;
    const answers = () =>
      session(server, server.superuser.user, server.superuser.password).then(
        (client) => client.end().then(() => true),
        () => false,
      );
    assert.equal(await startServer(postgres, [...args, ...SMALL], options, answers), undefined);
  }

  async function asTenant(sql: string): Promise<void> {
    const superuser = await session(on.server, on.server.superuser.user, on.server.superuser.password);
    try {
      await superuser.query("set role user_acme; set search_path to schema_acme");
      await superuser.query(sql);
    } finally {
      await superuser.end();
    }
  }

  function gate(more: Partial<GateInputs> = {}): GateInputs {
    const { host, port, database, adminUser: user, adminPassword: password } = on.server;
    const login = { host, port, database, sslmode: "disable", user, password } as const;
    const names = { tenant: "acme", schema: "schema_acme", role: "user_acme" };
    return { ...login, ...names, destination: backups, region: "us-east-1", backup: true, ...more };
  }

  async function passGate(more: Partial<GateInputs> = {}): Promise<void> {
    await offboard(gate(more), { env: environment(), done: () => {} });
  }

  const environment = () => ({
    ...process.env,
    PATH: `${path.dirname(on.server.programs.pg_dump)}:${process.env.PATH}`,
  });

  const many = (what: string) =>
    `do $$ begin for i in 1..${TABLES} loop execute format('${what}', i); if i % 10 = 0 then commit; end if; end loop; end $$`;

  /** A schema of more tables than one statement can drop. */
  async function makeSchema(): Promise<void> {
    await asAdmin("create schema schema_acme authorization user_acme");
    await liftFence(admin, "user_acme");
    for (const sql of [
      many(
        `create table schema_acme.part_%s (id int primary key, t text unique, unique (id, t), unique (t, id), ${"check (id > 0), ".repeat(8)} check (id < 99))`,
      ),
      // To make or drop them in one transaction takes a lock each; to dump or read a schema that has them takes none, and both at once have room.
      many(
        "create type schema_acme.one_%1$s as (n int); create type schema_acme.two_%1$s as (n int); create type schema_acme.three_%1$s as (n int)",
      ),
      "insert into part_1 values (1, 'x')",
      "create table paid (by part_2); insert into paid values (row(1, 'x'))",
      "create table sold (n int) partition by list (n); create table sold_1 partition of sold for values in (1); insert into sold values (1)",
    ]) {
      await asTenant(sql);
    }
  }

  /** A role that may create a schema of the tenant's own for a moment. */
  async function asAdmin(sql: string): Promise<void> {
    await admin.query(`grant user_acme to current_user with set true; ${sql}`);
  }

  async function tables(): Promise<number> {
    const { rows } = await admin.query<{ n: number }>(
      "select count(*)::int as n from pg_class where relkind in ('r', 'p') and relnamespace = 'schema_acme'::regnamespace",
    );
    return rows[0]?.n ?? 0;
  }

  /** As the schema's own deletion does it next. */
  const dropSchema = () =>
    asAdmin("grant user_acme to current_user with inherit true; drop schema schema_acme cascade");

  it("a proved schema is dropped some tables at a time; a run that is killed in between is repeated", async () => {
    await makeSchema();
    await passGate();
    const proof = (await droppableFor(admin, "user_acme")) ?? assert.fail("no proof");
    let drops = 0;
    const dying = new Proxy(admin, {
      get: (client, key) => {
        const value = Reflect.get(client, key);
        if (key !== "query") return typeof value === "function" ? value.bind(client) : value;
        return (text: string, values?: unknown[]) => {
          if (/^drop table/.test(text) && ++drops === 4) throw new Error("killed");
          return client.query(text, values);
        };
      },
    });
    await assert.rejects(dropTables(dying, "schema_acme", "user_acme", proof), { message: "killed" });
    const left = await tables();
    assert.ok(left > 0 && left < TABLES, `${left} tables`);
    await remove("", gate());
    assert.equal(await tables(), 0);
    await dropSchema();
  });

  it("a backup that the server has no room to restore in one transaction is refused before the tenant is touched", async () => {
    const { host, port, database, adminUser: user, adminPassword: password } = on.server;
    const login = { host, port, database, sslmode: "disable", user, password } as const;
    const manifest = readdirSync(`${backups}`).find((file) => file.endsWith(".manifest.json")) ?? "";
    const backup = await openBackup(`${backups}/${manifest}`, "acme", {} as StackAccess);
    const job = {
      backup,
      target: { slug: "acme", schema: "schema_acme", role: "user_acme", login },
      admin: login,
      env: environment(),
      report: () => {},
      steps: new Steps("acme", { report: () => {} }),
    } as unknown as Job;
    await assert.rejects(
      withProvedCopy(admin, job, () => assert.fail("it goes on")),
      /^Error: the backup .* cannot be restored: .*out of shared memory.*max_locks_per_transaction/s,
    );
  });

  it("what somebody has written to since the proof stays, also half-way", async () => {
    await makeSchema();
    await passGate({ destination: `${backups}/2` });
    await asTenant("insert into part_3 values (1, 'later')");
    await assert.rejects(remove("", gate()), /it does not hold what its proved backup holds/);
    assert.equal(await tables(), TABLES + 3);
    await asTenant("delete from part_3");
    await remove("", gate());
    await dropSchema();
  });

  it("a table that more views read than there is room for is dropped after them", async () => {
    await asAdmin("create schema schema_acme authorization user_acme");
    await liftFence(admin, "user_acme");
    await asTenant("create table read (n int); insert into read values (1)");
    for (let made = 0; made < 8; made += 1)
      await asTenant(many(`create view schema_acme.v${made}_%s as select n from schema_acme.read`));
    await passGate({ destination: `${backups}/3` });
    await assert.rejects(
      asAdmin("grant user_acme to current_user with inherit true; drop table schema_acme.read cascade"),
      /out of shared memory/,
    );
    await remove("", gate());
    assert.equal(await tables(), 0);
    await dropSchema();
  });

  it("one that is removed without a backup, and one of many functions, are dropped some objects at a time", async () => {
    await makeSchema();
    await asTenant(many("create function schema_acme.f_%s() returns int language sql return %1$s"));
    await passGate({ backup: false });
    await remove("", gate({ backup: false }));
    assert.equal(await tables(), 0);
    await dropSchema();
  });
});
