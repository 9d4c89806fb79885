import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setInterval, setTimeout } from "node:timers/promises";
import { Client } from "pg";
import { joining } from "../../database/membership";
import { liftFence, raiseFence } from "../../database/offboarding/fence";
import { beginHandover, endHandover, isTakenOver, loginUse, turnOf } from "../../database/rotation/handover";
import { connectionString } from "../../domain/connection-string";
import { poolSize } from "../../domain/pooler";
import { readTargets } from "../../ops/verify/attempts/targets";
import { tryTenant } from "../../ops/verify/attempts/try-tenant";
import type { Ground } from "../../ops/verify/leak";
import { waitFor } from "../../rehearsal/servers/process";
import { freshServer, session, type TestServer, triedMajors } from "../conformance/postgres-server";
import { findPgbouncer, NO_PGBOUNCER, PooledServer } from "./pooled-server";

const LIMIT = 5;
const SIZE = poolSize(LIMIT);
const ROLE = "user_acme";
const SECOND = "user2_acme";
const PATIENCE_S = 30;
const LOOK_EVERY_MS = 10;
const pgbouncer = findPgbouncer();

// The tests are one story of one server, in this order.
for (const major of triedMajors([16, 18])) {
  describe(`PgBouncer before PostgreSQL ${major}`, { skip: pgbouncer === undefined && NO_PGBOUNCER }, () => {
    let on: TestServer;
    let pooled: PooledServer;

    before(async () => {
      on = await freshServer(major);
      await on.admin.query(`
        create role ${ROLE} login password 'first' connection limit ${LIMIT};
        create role ${SECOND} login password 'second' connection limit ${LIMIT} in role ${ROLE};
        alter role ${SECOND} set role to ${ROLE};
        ${joining(major, ROLE)};
        create schema schema_acme authorization ${ROLE};
        create schema schema_other;
        revoke all on schema public from public;
        revoke connect, temporary on database postgres from public;
        grant connect on database postgres to ${ROLE}`);
      for (const login of [ROLE, SECOND]) {
        await on.admin.query(`
          alter role ${login} set search_path to schema_acme;
          alter role ${login} set statement_timeout to 20000;
          alter role ${login} set idle_in_transaction_session_timeout to 30000`);
      }
      pooled = await PooledServer.start(pgbouncer ?? "");
      pooled.deliver(urlOf(ROLE, "first"), "transaction", SIZE);
      pooled.boot();
    });
    after(async () => {
      pooled?.remove();
      await on?.remove();
    });

    function urlOf(user: string, password: string, sslmode: "disable" | "require" = "disable"): string {
      const { host, port, database } = on.server;
      return connectionString({ user, password, host, port, database, sslmode });
    }

    async function client(): Promise<Client> {
      const opened = new Client({ connectionString: pooled.url });
      opened.on("error", () => {});
      await opened.connect();
      return opened;
    }

    /** One customer of the backend: a connection of its own, and a transaction. */
    async function serve(): Promise<void> {
      const customer = await client();
      try {
        await customer.query("begin");
        await customer.query("insert into visits default values");
        await customer.query("select pg_sleep(0.02)");
        await customer.query("commit");
      } finally {
        await customer.end();
      }
    }

    /** What customers have left, as the admin sees it, who has no session of the tenant's. */
    async function visits(): Promise<number> {
      await on.admin.query(`set role ${ROLE}`);
      const { rows } = await on.admin.query("select count(*)::int as n from schema_acme.visits");
      await on.admin.query("reset role");
      return rows[0].n;
    }

    /** Customers come until one is served. */
    async function served(): Promise<void> {
      const done = await waitFor(
        () =>
          serve().then(
            () => true,
            () => undefined,
          ),
        PATIENCE_S,
      );
      assert.ok(done, pooled.log());
    }

    /** Customers come until one is turned away. @returns What it is told. */
    async function refusal(): Promise<string> {
      const impatient = () => Promise.race([serve().then(() => undefined, String), setTimeout(200)]);
      return (await waitFor(impatient, PATIENCE_S)) ?? "nobody was turned away";
    }

    async function sessions(): Promise<number> {
      const { rows } = await on.admin.query(
        "select count(*)::int as n from pg_stat_activity where usename = any ($1) and application_name <> 'b2b-tenants'",
        [[ROLE, SECOND]],
      );
      return rows[0].n;
    }

    /** Most sessions that the database has seen while something was done. */
    async function mostDuring(work: () => Promise<unknown>): Promise<number> {
      let [most, done] = [0, false];
      const looking = (async () => {
        while (!done) {
          most = Math.max(most, await sessions());
          await setTimeout(LOOK_EVERY_MS);
        }
      })();
      try {
        await work();
      } finally {
        done = true;
        await looking;
      }
      return most;
    }

    it("a hundred clients on a limit of 5 are all served, and the database sees as many as the pool has", async () => {
      const first = await client();
      await first.query("create table visits (id serial primary key, at timestamptz default now())");
      await first.end();
      const most = await mostDuring(() => Promise.all(Array.from({ length: 100 }, serve)));
      assert.equal(most, SIZE);
      assert.equal(await visits(), 100);
    });

    it("`verify` finds room beside a pool that is full, and all that it tries is refused", async () => {
      const ground: Ground = {
        database: "postgres",
        adminUser: "postgres",
        tenants: ["acme"].map((slug) => ({ slug, schema: `schema_${slug}`, role: `user_${slug}` })),
      };
      const held = await Promise.all(Array.from({ length: SIZE }, client));
      for (const one of held) await one.query("begin; select 1");
      const direct = await session(on.server, ROLE, "first");
      const targets = await readTargets(on.admin, ground);
      const [tenant] = ground.tenants;
      assert.ok(tenant);
      const tried = await tryTenant(direct, tenant, { ground, targets, told: () => {} });
      assert.deepEqual([tried.complete, tried.leaks], [true, []]);
      await direct.end();
      await Promise.all(held.map((one) => one.end()));
    });

    for (const mode of ["session", "transaction"] as const) {
      it(`search path, time-outs and limits of the role hold in ${mode} mode, after what another client has set in session mode`, async () => {
        pooled.deliver(urlOf(ROLE, "first"), mode, SIZE);
        pooled.tick();
        const settings = async () => {
          const one = await client();
          const { rows } = await one.query(
            `select current_user as user, current_schema as schema, current_setting('statement_timeout') as statement,
                    current_setting('idle_in_transaction_session_timeout') as idle`,
          );
          if (mode === "session") {
            await one.query("set search_path to schema_other; set statement_timeout to 0");
          }
          await one.end();
          return rows[0];
        };
        for (let i = 0; i < 2 * SIZE; i++) {
          assert.deepEqual(await settings(), { user: ROLE, schema: "schema_acme", statement: "20s", idle: "30s" });
        }
      });
    }

    it("two rotations turn away nobody: clients old and new go on, at most the pool's sessions are there, and the old login ends", async () => {
      const failures: string[] = [];
      let begun = 0;
      const stopped = new AbortController();
      const old = await Promise.all(Array.from({ length: 10 }, client));
      const customers = (async () => {
        const open: Promise<void>[] = [];
        try {
          for await (const _ of setInterval(100, undefined, { signal: stopped.signal })) {
            begun++;
            open.push(serve().catch((error) => void failures.push(String(error))));
          }
        } catch (error) {
          if (!stopped.signal.aborted) throw error;
        }
        await Promise.all(open);
      })();
      const most = await mostDuring(async () => {
        for (const [generation, login, password] of [
          [2, SECOND, "third"],
          [3, ROLE, "fourth"],
        ] as const) {
          const turn = turnOf("acme", generation);
          await beginHandover(on.admin, turn, new Date());
          await on.admin.query(`alter role ${login} password '${password}'`);
          pooled.deliver(urlOf(login, password), "transaction", SIZE);
          const before = pooled.url;
          const calls = pooled.tick();
          assert.equal(pooled.url, before);
          assert.ok(!calls.some((call) => call.startsWith("restart")), calls.join());
          const use = await waitFor(async () => {
            const found = await loginUse(on.admin, turn);
            return isTakenOver(found) ? found : undefined;
          }, PATIENCE_S);
          assert.ok(use, `the pool has not changed over: ${failures.join()} ${pooled.log()}`);
          await endHandover(on.admin, turn);
          const more = begun + 5;
          await waitFor(() => (begun >= more ? true : undefined), PATIENCE_S);
          for (const one of old)
            assert.deepEqual((await one.query("select session_user::text as login")).rows, [{ login }]);
        }
      });
      stopped.abort();
      await customers;
      assert.ok(begun >= 10);
      await Promise.all(old.map((one) => one.end()));
      assert.deepEqual(failures, []);
      assert.ok(most <= SIZE, String(most));
    });

    it("a fence lets nothing through and clients are told; once it is lifted, they go on", async () => {
      await raiseFence(on.admin, ROLE, new Date());
      const had = await visits();
      // Who asks first may wait, as long as the fence is up; the others are told.
      const first = serve().then(() => "served", String);
      assert.match(await refusal(), /is not permitted to log in|login has been failing|server_login_retry/);
      assert.equal(await sessions(), 0);
      assert.equal(await visits(), had);
      await liftFence(on.admin, ROLE);
      assert.match(await first, /^served$|log in|login/);
      await served();
    });

    it("a restart of the pooler, and one of the database, are over once they are over", async () => {
      const [first, second] = [await client(), await client()];
      pooled.systemctl("restart", "b2b-tenants-pooler.service");
      await assert.rejects(first.query("select 1"));
      await serve();
      await second.end().catch(() => {});
      const third = await client();
      await third.query("select 1");
      await on.restart();
      await served();
      // A client that asked for nothing meanwhile notices nothing.
      await third.query("select 1");
      await third.end();
    });

    it("people ask its console who waits, with the command of the page", () => {
      const page = readFileSync(path.join(__dirname, "../../docs/backend.md"), "utf8");
      const [command] = /^sudo -u b2b-pooler psql .*show pools.*$/m.exec(page) ?? [];
      assert.ok(command);
      const told = pooled.asPerson(command, path.dirname(on.server.programs.psql));
      assert.match(told, /cl_waiting/);
      assert.match(told, /^ postgres +\| user_acme +\|/m);
    });

    it("TLS to the database is what the database's URL says: a server that has none gets no password", async () => {
      pooled.deliver(urlOf(ROLE, "fourth", "require"), "transaction", SIZE);
      pooled.tick();
      await on.admin.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [ROLE]);
      const first = serve();
      assert.ok(await waitFor(() => pooled.log().includes("server refused SSL") || undefined, PATIENCE_S));
      assert.equal(await sessions(), 0);
      pooled.deliver(urlOf(ROLE, "fourth"), "transaction", SIZE);
      pooled.tick();
      await first;
    });

    it("its log holds no secret", () => {
      const [, word = ""] = /backend:([0-9a-f]{64})@/.exec(pooled.url) ?? [];
      assert.notEqual(word, "");
      for (const secret of [word, "fourth", "third"]) assert.ok(!pooled.log().includes(secret));
    });
  });
}
