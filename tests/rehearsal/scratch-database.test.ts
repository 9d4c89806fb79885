import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { Client } from "pg";
import { dropScratchDatabase } from "../../database/backup/scratch/drop-scratch";
import { withScratchDatabase } from "../../database/backup/scratch/scratch-database";
import { withAdminConnection } from "../../database/connection";
import type { ConnectionTarget } from "../../domain/connection-string";
import { freshServer, session, type TestServer } from "../conformance/postgres-server";

for (const major of [16, 18] as const) {
  describe(`the scratch database, PostgreSQL ${major}`, () => {
    let on: TestServer;
    let login: ConnectionTarget;
    let superuser: Client;

    before(async () => {
      on = await freshServer(major);
      const { host, port, database, adminUser, adminPassword } = on.server;
      login = { host, port, database, user: adminUser, password: adminPassword, sslmode: "disable" };
      superuser = await session(on.server, on.server.superuser.user, on.server.superuser.password);
      // As SharedDatabase leaves the tenants' database.
      await on.admin.query("revoke connect, temporary on database postgres from public");
      await on.admin.query(
        "create role user_other login password 'other'; grant connect on database postgres to user_other",
      );
    });
    after(async () => {
      await superuser?.end();
      await on?.remove();
    });

    /** Everything that a scratch database may leave behind. */
    async function left(): Promise<string[]> {
      const { rows } = await superuser.query<{ name: string }>(
        `select 'database ' || datname as name from pg_database where datname like 'scratch%'
         union all select 'role ' || rolname from pg_roles where rolname like 'scratch%'
         union all select 'member ' || member::regrole || ' of ' || roleid::regrole from pg_auth_members
          where member::regrole::text like 'scratch%' or roleid::regrole::text like 'scratch%' order by 1`,
      );
      return rows.map(({ name }) => name);
    }

    const refused = (target: ConnectionTarget, reason: RegExp) =>
      assert.rejects(
        withAdminConnection(target, async () => {}),
        reason,
      );

    it("is its role's own, which has no rights elsewhere, and nobody else's; nothing of it stays", async () => {
      const result = await withScratchDatabase(on.admin, login, "acme", async (owner) => {
        assert.deepEqual([owner.user, owner.database, owner.host], ["scratch_acme", "scratch_acme", login.host]);
        await withAdminConnection(owner, async (client) => {
          await client.query(
            "create schema schema_acme; create table schema_acme.t (n int); create temp table s (n int)",
          );
          const { rows } = await client.query(
            `select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls as mighty, rolinherit,
                    (select count(*)::int from pg_auth_members where member = r.oid) as memberships from pg_roles r where rolname = current_user`,
          );
          assert.deepEqual(rows, [{ mighty: false, rolinherit: false, memberships: 0 }]);
        });
        await refused({ ...owner, database: "postgres" }, /permission denied for database "postgres"/);
        await refused(
          { ...owner, user: "user_other", password: "other" },
          /permission denied for database "scratch_acme"/,
        );
        return "result";
      });
      assert.equal(result, "result");
      assert.deepEqual(await left(), []);
    });

    it("goes although a neighbour has given its role rights", async () => {
      await on.admin.query(
        "create schema schema_other authorization postgres; grant all on schema schema_other to user_other",
      );
      await withScratchDatabase(on.admin, login, "acme", async () => {
        await withAdminConnection({ ...login, user: "user_other", password: "other" }, async (neighbour) => {
          await neighbour.query("create table schema_other.t (n int); grant select on schema_other.t to scratch_acme");
        });
      });
      assert.deepEqual(await left(), []);
      await superuser.query("drop schema schema_other cascade");
    });

    it("has the locale of the tenants' database", async () => {
      const locales = await withScratchDatabase(on.admin, login, "acme", async () => {
        const { rows } = await superuser.query(
          `select to_jsonb(d) - array['oid', 'datname', 'datdba', 'datacl', 'datfrozenxid', 'datminmxid', 'datcollversion'] as locale
             from pg_database d where datname in ('postgres', 'scratch_acme')`,
        );
        return rows.map(({ locale }) => locale);
      });
      assert.equal(locales.length, 2);
      assert.deepEqual(locales[0], locales[1]);
    });

    it("goes when the work fails, also with sessions in it, and the work's own words are told", async () => {
      const session = { client: undefined as Client | undefined };
      const work = withScratchDatabase(on.admin, login, "acme", async (owner) => {
        session.client = new Client({ ...owner, ssl: false });
        session.client.on("error", () => {});
        await session.client.connect();
        throw new Error("the archive is bad");
      });
      await assert.rejects(work, { message: "the archive is bad" });
      assert.deepEqual(await left(), []);
    });

    const DIED: readonly (readonly [string, (work: () => Promise<never>) => Promise<unknown>])[] = [
      [
        "between role and database",
        (die) => withScratchDatabase(dying(on.admin, /^create database/, die), login, "dead", die),
      ],
      [
        "before the database was closed to others",
        (die) => withScratchDatabase(dying(on.admin, /revoke connect/, die), login, "dead", die),
      ],
      ["during the restore", (die) => withScratchDatabase(on.admin, login, "dead", die)],
      [
        "between the drops of database and role",
        (die) => withScratchDatabase(dying(on.admin, /^drop role/, die), login, "dead", async () => {}),
      ],
    ];
    for (const [when, run] of DIED) {
      it(`of a run that died ${when} is dropped by the next`, async () => {
        // A run that dies never comes back from where it died.
        const died = new Promise<void>((resolve) => {
          void run(() => {
            resolve();
            return new Promise<never>(() => {});
          });
        });
        await died;
        assert.ok((await left()).includes("role scratch_dead"));
        await withScratchDatabase(on.admin, login, "dead", async () => {});
        assert.deepEqual(await left(), []);
      });
    }

    it("is dropped on its own too, and it is told whether there was one", async () => {
      assert.equal(await dropScratchDatabase(on.admin, "acme"), false);
      await new Promise<void>((resolve) => {
        void withScratchDatabase(on.admin, login, "acme", () => {
          resolve();
          return new Promise<never>(() => {});
        });
      });
      assert.equal(await dropScratchDatabase(on.admin, "acme"), true);
      assert.deepEqual(await left(), []);
    });

    for (const [what, make, drop] of [
      ["role", "create role scratch_taken", "drop role scratch_taken"],
      ["database", "create database scratch_taken", "drop database scratch_taken"],
    ] as const) {
      it(`does not take the place of a ${what} that somebody else made`, async () => {
        await on.admin.query(make);
        const before = await left();
        const message = `a ${what} scratch_taken exists that this program did not make, and it needs that name for a while: rename it, or drop it`;
        await assert.rejects(
          withScratchDatabase(on.admin, login, "taken", async () => assert.fail("it ran")),
          { message },
        );
        await assert.rejects(dropScratchDatabase(on.admin, "taken"), { message });
        assert.deepEqual(await left(), before);
        await on.admin.query(drop);
      });
    }

    it("never tells the server's log its password", async () => {
      await superuser.query("alter role postgres set log_statement = 'all'");
      const password = await withAdminConnection(login, (admin) =>
        withScratchDatabase(admin, login, "logged", async (owner) => owner.password),
      );
      await superuser.query("alter role postgres reset log_statement");
      const log = readFileSync(on.server.logFile, "utf8");
      assert.match(log, /create role "scratch_logged" .* password 'SCRAM-SHA-256\$4096:/);
      assert.ok(!log.includes(password));
    });

    it("has the extensions of the tenants' database; one that cannot be had is named when the work fails", async () => {
      const failure = () =>
        withScratchDatabase(on.admin, login, "acme", () => Promise.reject(new Error("no type vector"))).then(
          () => assert.fail("it did not fail"),
          (error: Error) => error.message,
        );
      await superuser.query("create schema extensions; create extension vector schema extensions");
      const denied =
        'extension vector is missing there (permission denied to create extension "vector"; hint: Must be superuser to create this extension)';
      assert.equal(await failure(), `no type vector; ${denied}`);
      // RDS lets its admin make extensions which PostgreSQL leaves to superusers.
      await superuser.query("alter role postgres superuser");
      const found = await withScratchDatabase(on.admin, login, "acme", (owner) =>
        withAdminConnection(owner, (client) => client.query("select '[1]'::extensions.vector")),
      );
      assert.deepEqual(found.rows, [{ vector: "[1]" }]);
      await superuser.query("create schema schema_acme; alter extension vector set schema schema_acme");
      const inside = "extension vector is missing there (it lives in schema_acme itself)";
      assert.equal(await failure(), `no type vector; ${inside}`);
      assert.deepEqual(await left(), []);
    });
  });
}

/** A session in which a statement is where the process dies. */
function dying(admin: Client, at: RegExp, die: () => Promise<never>): Client {
  return new Proxy(admin, {
    get: (client, key) => {
      const value = Reflect.get(client, key);
      if (key !== "query") return typeof value === "function" ? value.bind(client) : value;
      return (text: string, values?: unknown[]) => (at.test(text.trim()) ? die() : client.query(text, values));
    },
  });
}
