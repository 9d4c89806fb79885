import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import type { Client } from "pg";
import { FolderDestination } from "../../database/backup/destination/folder-destination";
import { lockTables } from "../../database/backup/lock-tables";
import { backupTools, takeBackup } from "../../database/backup/take-backup";
import { withTransaction } from "../../database/transaction";
import { freshServer, session, type TestServer } from "../conformance/postgres-server";

describe("a transaction", () => {
  let on: TestServer;
  let client: Client;

  before(async () => {
    on = await freshServer(18);
    client = on.admin;
    await client.query("create table notes (text text primary key deferrable initially deferred)");
    await client.query("create role user_acme; create schema schema_acme; create table schema_acme.orders (n int)");
  });
  after(() => on?.remove());

  const note = (text: string) => client.query("insert into notes values ($1)", [text]);
  const noted = async () => (await client.query("select text from notes order by text")).rows.map(({ text }) => text);
  const fails = (work: () => Promise<unknown>, message: string | RegExp) =>
    assert.rejects(withTransaction(client, work), { message });
  const isIdle = () => assert.equal(client.getTransactionStatus(), "I");

  it("keeps all that its work does, and gives what the work returns", async () => {
    assert.equal(await withTransaction(client, () => note("kept").then(() => "result")), "result");
    isIdle();
    assert.deepEqual(await noted(), ["kept"]);
  });

  it("keeps nothing when its work fails, when a failed statement goes unnoticed, or when it is only to be tried", async () => {
    await fails(() => note("failed").then(() => assert.fail("because")), "because");
    isIdle();
    await fails(
      () => note("unnoticed").then(() => client.query("select 1 / 0").catch(() => {})),
      "nothing was changed: a statement of the transaction had failed",
    );
    isIdle();
    assert.equal(await withTransaction(client, () => note("tried").then(() => 1), { rollBack: true }), 1);
    isIdle();
    assert.deepEqual(await noted(), ["kept"]);
  });

  it("fails with what the server says when it cannot be committed", async () => {
    await fails(() => note("kept"), /duplicate key value/);
    isIdle();
    assert.deepEqual(await noted(), ["kept"]);
  });

  it("begins in the mode that is asked for", async () => {
    const { rows } = await withTransaction(client, () => client.query("show transaction_isolation"), {
      mode: "isolation level repeatable read read only",
    });
    assert.deepEqual(rows, [{ transaction_isolation: "repeatable read" }]);
  });

  it("leaves the one around it as it was: usable after a failure, and not committed after a success", async () => {
    const around = withTransaction(client, async () => {
      await note("around");
      await fails(() => note("inside").then(() => client.query("select 1 / 0")), /division by zero/);
      await withTransaction(client, () => note("also inside"));
      await withTransaction(client, () => note("tried inside"), { rollBack: true });
      assert.equal(client.getTransactionStatus(), "T");
      assert.deepEqual(await noted(), ["also inside", "around", "kept"]);
      throw new Error("undone as a whole");
    });
    await assert.rejects(around, { message: "undone as a whole" });
    assert.deepEqual(await noted(), ["kept"]);
  });

  it("outlives a table that cannot be locked: what its owner did before is neither lost nor committed", async () => {
    const other = await session(on.server, on.server.adminUser, on.server.adminPassword);
    await other.query("begin; lock table schema_acme.orders in access exclusive mode");
    try {
      await withTransaction(client, async () => {
        await note("before the lock");
        // Locking takes its own time limit unless there is a shorter one already: the lock is refused at once here.
        const hurried = new Proxy(client, {
          get: (target, key) => {
            const value = Reflect.get(target, key);
            if (key !== "query") return typeof value === "function" ? value.bind(target) : value;
            return (text: string, values?: unknown[]) =>
              target.query(
                typeof text === "string" ? text.replace("lock_timeout = '10s'", "lock_timeout = '1ms'") : text,
                values,
              );
          },
        });
        await assert.rejects(
          lockTables(hurried, "schema_acme", "share"),
          /^Error: table orders: .*lock timeout.*held by session \d+ of postgres/,
        );
        assert.equal(client.getTransactionStatus(), "T");
        assert.deepEqual(await noted(), ["before the lock", "kept"]);
      });
    } finally {
      await other.end();
    }
    isIdle();
    assert.deepEqual(await noted(), ["before the lock", "kept"]);
  });

  it("does not stay open, with its locks, when a backup fails", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "backup-"));
    const destination = new FolderDestination(folder);
    const { host, port, database, adminUser: user, adminPassword: password, programs } = on.server;
    const job = {
      tenant: "acme",
      schema: "schema_acme",
      role: "user_acme",
      destination,
      admin: { host, port, database, user, password, sslmode: "disable" as const },
      env: { ...process.env, PATH: path.dirname(programs.pg_dump) },
      done: (step: string) => assert.notEqual(step, "locked", "the backup fails while the tables are locked"),
    };
    await assert.rejects(
      takeBackup(client, job, await backupTools(client, job.env), new Date()),
      /the backup fails while the tables are locked/,
    );
    isIdle();
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
    const { rows } = await client.query("select mode from pg_locks where relation = 'schema_acme.orders'::regclass");
    assert.deepEqual(rows, []);
  });
});
