import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Client, type QueryResultRow } from "pg";
import { chainHash, type MigrationFile } from "../../database/migrations/migration-files";
import { raiseFence } from "../../database/offboarding/fence";
import { beginHandover, endHandover, turnOf } from "../../database/rotation/handover";
import { jsonText } from "../../domain/json-text";
import { schemaName } from "../../domain/names";
import { readReport } from "../../ops/report/read-report";
import type { Report } from "../../ops/report/report";
import { LimitReached, QueryRefused, type Read, withReportSession } from "../../ops/report/report-session";
import { reportText } from "../../ops/report/show-report";
import { readSizes } from "../../ops/report/sizes";
import type { StackAccess } from "../../ops/stack/stack-access";
import { SETTINGS, tenantSpec } from "../components/settings";
import { freshServer, session, type TestServer, triedMajors } from "../conformance/postgres-server";

const PATIENCE_MS = 30_000;
const PASSWORD = "tenant-secret";
const HOSTILE = "x\u001b[2J\u202e\u009b'\"; --";

for (const major of triedMajors([16, 18])) {
  describe(`the report, PostgreSQL ${major}`, () => {
    let on: TestServer;
    let superuser: Client;

    before(async () => {
      on = await freshServer(major);
      superuser = await session(on.server, on.server.superuser.user, on.server.superuser.password);
      for (const slug of ["acme", "bolt"]) await onboard(slug);
    });
    after(async () => {
      await superuser?.end();
      await on?.remove();
    });

    async function onboard(slug: string): Promise<void> {
      await on.admin.query(`
        create role user_${slug} login password '${PASSWORD}' connection limit 4;
        grant user_${slug} to postgres with set true;
        create schema schema_${slug} authorization user_${slug}`);
      await withTenant(slug, (client) =>
        client.query(`
          create table notes (id serial primary key, body text);
          create index on notes (body);
          insert into notes (body) select 'note ' || i from generate_series(1, 500) i`),
      );
    }

    async function withTenant<T>(slug: string, work: (client: Client) => Promise<T>): Promise<T> {
      const client = await session(on.server, `user_${slug}`, PASSWORD);
      try {
        await client.query(`set search_path to schema_${slug}`);
        return await work(client);
      } finally {
        await client.end();
      }
    }

    function access(...slugs: string[]): StackAccess {
      const { host, port, database: name, adminUser, adminPassword } = on.server;
      return {
        stack: "prod",
        settings: { ...SETTINGS, database: { host, port, name, adminUser, sslmode: "disable" } },
        adminPassword,
        everyStack: slugs.map((slug) => tenantSpec({ slug, file: `tenants/${slug}.yaml` })),
      } as unknown as StackAccess;
    }

    function reading<T>(work: (read: Read) => Promise<T>): Promise<T> {
      return withReportSession(access(), work);
    }

    function report(of = access("acme", "bolt"), files: readonly MigrationFile[] = []): Promise<Report> {
      return withReportSession(of, (read) => readReport(read, of, () => {}, files));
    }

    async function maxConnections(): Promise<number> {
      return (await on.admin.query("select current_setting('max_connections')::int as most")).rows[0].most;
    }

    async function tenant(slug: string, of?: StackAccess) {
      const found = (await report(of)).tenants.find((one) => one.slug === slug);
      assert.ok(found, `${slug} is not in the report`);
      return found;
    }

    it("of a clean database warns of nothing, also where the server has more than the settings say, and fits a terminal", async () => {
      const clean = await report();
      assert.ok(clean.connections.maxConnections > clean.connections.expectedMaxConnections);
      assert.deepEqual(clean.warnings, []);
      assert.deepEqual(
        clean.tenants.map(({ slug, stack }) => [slug, stack]),
        [
          ["acme", "prod"],
          ["bolt", "prod"],
        ],
      );
      assertFit(reportText(clean));
      // However many tenants there are, the server is asked so many times; once more where statements are shown.
      let queries = 0;
      const counted =
        (read: Read): Read =>
        (sql, values) => {
          queries += 1;
          return read(sql, values);
        };
      await reading((read) => readReport(counted(read), access("acme", "bolt"), () => {}, []));
      assert.equal(queries, 7);
    });

    it("measures what pg_total_relation_size does, and scans no table for it", async () => {
      await withTenant("acme", (client) =>
        client.query(
          `
          create unlogged table big (body text);
          alter table big alter body set storage external;
          insert into big select repeat(md5(i::text), 400) from generate_series(1, 20) i;
          create table days (day date) partition by range (day);
          create table days_1 partition of days for values from ('2026-01-01') to ('2027-01-01');
          insert into days values ('2026-05-05');
          create materialized view shorts as select id from notes;
          delete from notes where id <= 100;
          analyze notes;
          delete from notes where id <= 150`,
        ),
      );
      await withTenant("acme", (client) => client.query("vacuum notes"));
      await withTenant("acme", (client) =>
        client.query("delete from notes where id > 490; select pg_stat_force_next_flush()"),
      );
      const scans =
        "select sum(seq_scan + coalesce(idx_scan, 0)) as n from pg_stat_all_tables where schemaname ~ '^schema_'";
      const before = await superuser.query(scans);
      const { size } = await tenant("acme");
      assert.deepEqual((await superuser.query(scans)).rows, before.rows);
      const { rows } = await superuser.query(`
        select sum(pg_total_relation_size(oid))::float8 as total, sum(pg_indexes_size(oid))::float8 as indexes,
               count(*)::int as count
          from pg_class where relnamespace = 'schema_acme'::regnamespace and relkind in ('r', 'p', 'm')`);
      assert.ok(size);
      assert.deepEqual([size.total, size.indexes, size.tableCount], [rows[0].total, rows[0].indexes, rows[0].count]);
      assert.equal(size.tables + size.indexes + size.toast, size.total);
      assert.ok(size.toast > 0);
      assert.equal(size.lastVacuum?.auto, false);
      assert.equal(size.lastAnalyze?.auto, false);
      const notes = (await report()).biggestTables.find(
        ({ schema, table }) => schema === "schema_acme" && table === "notes",
      );
      assert.deepEqual([notes?.rows, notes?.deadRows], [340, 10]);
    });

    it("ranks the biggest tables of all tenants", async () => {
      const { biggestTables } = await report();
      assert.deepEqual([biggestTables[0]?.schema, biggestTables[0]?.table], ["schema_acme", "big"]);
      assert.deepEqual(
        biggestTables.map(({ total }) => total),
        biggestTables.map(({ total }) => total).sort((a, b) => b - a),
      );
    });

    for (const [what, lock] of [
      ["a table", "lock table notes in access exclusive mode"],
      ["an index", "reindex index notes_pkey"],
    ] as const) {
      it(`leaves out what somebody has locked: ${what}`, async () => {
        await withTenant("bolt", async (client) => {
          await client.query(`begin; ${lock}`);
          const { size, unmeasured } = await tenant("bolt");
          assert.deepEqual([size?.lockedTables, size?.tableCount, unmeasured], [1, 1, null]);
          assert.match(reportText(await report()), /^bolt .*\n└ locked, not measured: 1 of 1$/m);
          assert.equal((await tenant("acme")).size?.lockedTables, 0);
          await client.query("rollback");
        });
      });
    }

    it("leaves out what is only waited for, behind which it would wait too", async () => {
      await withTenant("bolt", async (holder) => {
        await holder.query("begin; lock table notes in access share mode");
        await withTenant("bolt", async (waiter) => {
          const waiting = waiter.query("begin; lock table notes in access exclusive mode").catch(() => {});
          await until(async () => {
            const { rowCount } = await on.admin.query(
              "select from pg_locks where mode = 'AccessExclusiveLock' and not granted and locktype = 'relation'",
            );
            return rowCount === 1;
          });
          assert.equal((await tenant("bolt")).size?.lockedTables, 1);
          await holder.query("rollback");
          await waiting;
        });
      });
    });

    it("goes on one by one when a lock has come in between, and says whose schema it could not measure", async () => {
      const told: string[] = [];
      const sizes = await reading((read) => {
        const stopped: Read = async (sql, values) => {
          const schemas = values?.[0] as string[] | undefined;
          // As the server ends a statement that waits for what has just been locked.
          if (schemas?.includes("schema_bolt"))
            throw new LimitReached("lock", "canceling statement due to lock timeout");
          return read(sql, values);
        };
        return readSizes(stopped, ["schema_acme", "schema_bolt"], (line) => told.push(line));
      });
      assert.deepEqual(
        sizes.map((size) => [size.schema, "reason" in size ? size.reason : "measured"]),
        [
          ["schema_acme", "measured"],
          ["schema_bolt", "locked meanwhile"],
        ],
      );
      assert.deepEqual(told, ["measuring schema_acme (1 of 2)", "measuring schema_bolt (2 of 2)"]);
    });

    it("leaves the session as it was also when measuring one by one is refused, and tells nothing that a terminal acts on", async () => {
      const told: string[] = [];
      const limits = await reading(async (read) => {
        const stopped: Read = async (sql, values) => {
          if (values === undefined) return read(sql);
          if ((values[0] as string[]).length > 1) throw new LimitReached("time", "canceling statement due to timeout");
          throw new QueryRefused("permission denied");
        };
        await assert.rejects(
          readSizes(stopped, [HOSTILE, "schema_acme"], (line) => told.push(line)),
          QueryRefused,
        );
        return read("select current_setting('statement_timeout') as s, current_setting('lock_timeout') as l");
      });
      assert.deepEqual(limits, [{ s: "5s", l: "1s" }]);
      assert.doesNotMatch(told.join(), /\p{C}/u);
    });

    it("counts sessions by state against the limit", async () => {
      await withTenant("acme", (idle) =>
        withTenant("acme", (inTransaction) =>
          withTenant("acme", async (active) => {
            await idle.query("select 1");
            await inTransaction.query("begin");
            const sleeping = active.query("select pg_sleep(60)").catch(() => {});
            const states = async () =>
              (await on.admin.query("select state from pg_stat_activity where usename = 'user_acme' order by 1")).rows;
            await until(
              async () => (await states()).map(({ state }) => state).join() === "active,idle,idle in transaction",
            );
            const { connections, roles } = await report();
            const { longestTransactionMs, ...counts } = (await tenant("acme")).connections;
            assert.deepEqual(counts, { active: 1, idle: 1, idleInTransaction: 1, other: 0, total: 3 });
            assert.ok(longestTransactionMs !== null && longestTransactionMs > 0);
            assert.equal(connections.maxConnections, await maxConnections());
            assert.deepEqual(connections.budget, { limits: 8, reserve: 10, total: 18 });
            const acme = roles.find(({ name }) => name === "user_acme");
            assert.deepEqual([acme?.connections.total, acme?.connectionLimit], [3, 4]);
            await on.admin.query(
              "select pg_cancel_backend(pid) from pg_stat_activity where query = 'select pg_sleep(60)'",
            );
            await sleeping;
          }),
        ),
      );
    });

    it("counts the sessions of both logins of a tenant, and its limit twice while both are valid, unless its pooler holds to it with both", async () => {
      const turn = turnOf("acme", 2);
      await on.admin.query(`create role user2_acme login password '${PASSWORD}'`);
      const second = await session(on.server, "user2_acme", PASSWORD);
      const since = new Date();
      await beginHandover(on.admin, turn, since);
      const of = access("acme", "bolt");
      const pooled = of.everyStack.map((spec) => ({ ...spec, server: { ...spec.server, pooler: "session" as const } }));
      const [direct, behind] = [await report(of), await report({ ...of, everyStack: pooled } as StackAccess)];
      const { connections } = await withTenant("acme", () => tenant("acme"));
      await second.end();
      // Not counted as a server's, and still not left open.
      const old = new Client({
        ...on.server,
        user: "user_acme",
        password: PASSWORD,
        application_name: "b2b-tenants",
      });
      old.on("error", () => {});
      await old.connect();
      await endHandover(on.admin, turn);
      await assert.rejects(old.query("select"));
      await on.admin.query(`drop role user2_acme; alter role user_acme password '${PASSWORD}' valid until 'infinity'`);
      assert.equal(connections.total, 2);
      assert.deepEqual(direct.warnings.map(String), [
        `The rotation of acme's password has not ended since ${since.toISOString()}, and ${turn.previous} stays valid. ` +
          `Its server uses ${turn.login}: run \`up\`, which ends ${turn.previous}.`,
      ]);
      assert.deepEqual(
        [direct, behind].map(({ connections }) => connections.budget.limits),
        [12, 8],
      );
      assert.deepEqual(
        [direct, behind].map(({ tenants }) => tenants[0]?.pooler),
        ["none", "session"],
      );
    });

    it("tells of a role that has all it may have, of one without a limit, and of settings that promise more than the server has", async () => {
      await on.admin.query("alter role user_acme connection limit 1; alter role user_bolt connection limit -1");
      const of = access("acme", "bolt");
      const most = await maxConnections();
      const limits = { ...of.settings.limits, maxConnections: most + 1, reserve: most };
      const other = { ...of, settings: { ...of.settings, limits } };
      const warnings = await withTenant("acme", async () => (await report(other)).warnings);
      await on.admin.query("alter role user_acme connection limit 4; alter role user_bolt connection limit 4");
      assert.deepEqual(warnings.map(String), [
        "Role user_bolt may take every connection of the server: it has no connection limit.",
        "Role user_acme has 1 of at most 1 session: the next one is refused.",
        `The setting limits.maxConnections says ${most + 1}, and the server's max_connections is only ${most}: the tenants' limits are checked against more connections than there are.`,
        `The tenants' limits and the reserve come to 1 + ${most} = ${most + 1} connections, 1 more than the server has.`,
      ]);
    });

    it("tells of a rotation that has not ended what it waits for", async () => {
      await on.admin.query(`create role user2_acme login password '${PASSWORD}' connection limit 4`);
      await beginHandover(on.admin, turnOf("acme", 2), new Date("2026-01-01"));
      const told = async () =>
        (await report()).warnings.find((warning) => /rotation/.test(`${warning}`))?.in("en") ?? "";
      assert.match(
        await told(),
        /^The rotation of acme's password has not ended since 2026-01-01T00:00:00.000Z, and user_acme stays valid\. Neither login has a session/,
      );
      const old = await session(on.server, "user_acme", PASSWORD);
      old.on("error", () => {});
      assert.match(await told(), /Its server still uses user_acme \(1 session\): /);
      const used = await session(on.server, "user2_acme", PASSWORD);
      assert.match(await told(), /Its server uses user2_acme, and 1 session of user_acme is still open: /);
      const ended = "select pg_terminate_backend(pid, 60000) from pg_stat_activity where usename = $1";
      await superuser.query(ended, ["user_acme"]);
      assert.match(await told(), /Its server uses user2_acme: run `up`, which ends user_acme\.$/);
      await used.end();
      await superuser.query(ended, ["user2_acme"]);
      await on.admin.query("comment on role user_acme is null; drop role user2_acme");
    });

    it("tells of what no file declares, of what is declared and not there, and whose another stack's tenants are", async () => {
      await on.admin.query("create role user_guest login connection limit 1; create schema schema_stray");
      const of = access("acme", "ghost");
      const elsewhere = tenantSpec({ slug: "bolt", stack: "prod-bolt" });
      const absent = tenantSpec({ slug: "absent", stack: "prod-bolt" });
      const found = await report({ ...of, everyStack: [...of.everyStack, elsewhere, absent] });
      await on.admin.query("drop role user_guest; drop schema schema_stray");
      assert.deepEqual(
        found.tenants.map(({ slug, stack }) => [slug, stack]),
        [
          ["acme", "prod"],
          ["bolt", "prod-bolt"],
          ["ghost", "prod"],
          ["guest", null],
          ["stray", null],
        ],
      );
      assert.deepEqual(found.warnings.map(String), [
        "No file declares tenant guest, of which the database has role user_guest, and there is no schema schema_guest.",
        "No file declares tenant stray, of which the database has schema schema_stray, and there is no role user_stray.",
        "Tenant ghost is declared by tenants/ghost.yaml, and the database has no role user_ghost and no schema schema_ghost.",
      ]);
      const text = reportText(found);
      assert.match(text, /^bolt .*\n└ of stack prod-bolt$/m);
      assert.match(text, /^ghost .*\n└ its role is missing\n└ its schema is missing$/m);
    });

    it("tells which migration each stands at, and of one that is ahead", async () => {
      const files = ["0001_one", "0002_two"].map((name) => ({ name, sha256: "" })) as unknown as MigrationFile[];
      const comment = (number: number) =>
        `comment on schema schema_acme is 'b2b-tenants: migrated to 000${number}, sha256 ${chainHash(files, number)}'`;
      await withTenant("acme", (client) => client.query(comment(1)));
      const behind = await report(undefined, files);
      await withTenant("acme", (client) => client.query(comment(2)));
      const ahead = await report(undefined, files.slice(0, 1));
      await withTenant("acme", (client) => client.query("comment on schema schema_acme is null"));
      assert.match(reportText(behind), /^acme .* 0001\n└ 1 migration behind$/m);
      assert.match(reportText(behind), /^bolt .* -$/m);
      assertFit(reportText(behind));
      assert.deepEqual(
        [behind, ahead].map(({ warnings }) => warnings.map(String)),
        [
          [],
          [
            "Tenant acme is ahead: it has run 0002, and the files end with 0001_one. Deploy a commit that has that file.",
          ],
        ],
      );
      assert.deepEqual(behind.tenants[0]?.migrations, { condition: "behind", at: "0001_one", number: 1, behind: 1 });
    });

    it("seen from another stack, names the fleet's tenants as such", async () => {
      const of = access("acme", "bolt");
      const small = { ...of, stack: "prod-other", settings: { ...of.settings, fleet: false } };
      assert.equal((await tenant("acme", small)).stack, "(fleet)");
    });

    it("lists who can log in with what they may do, and since when a removal has shut one out", async () => {
      const since = new Date("2026-08-01T10:00:00Z");
      await onboard("gone");
      await raiseFence(on.admin, "user_gone", since);
      const { roles } = await report();
      assert.deepEqual(
        roles.map(({ name, login, attributes, tenant: of, fencedSince }) => [
          name,
          login,
          attributes.join(),
          of,
          fencedSince,
        ]),
        [
          ["postgres", true, "createrole,createdb", null, null],
          ["rdsadmin", true, "superuser,createrole,createdb,replication,bypassrls", null, null],
          ["user_acme", true, "", "acme", null],
          ["user_bolt", true, "", "bolt", null],
          ["user_gone", false, "", "gone", since.toISOString()],
        ],
      );
      await on.admin.query("drop schema schema_gone cascade; drop role user_gone");
    });

    it("shows hostile names without acting on them", async () => {
      const [role, schema] = [`user_${HOSTILE}`, schemaName("acme")];
      const quoted = (name: string) => on.admin.escapeIdentifier(name);
      await on.admin.query(`create role ${quoted(role)} login; create schema ${quoted(`schema_${HOSTILE}`)}`);
      await withTenant("acme", (client) =>
        client.query(
          `create table ${schema}.${quoted(HOSTILE)} as select repeat(md5(i::text), 50) from generate_series(1, 900) i`,
        ),
      );
      const found = await report();
      await on.admin.query(`drop schema ${quoted(`schema_${HOSTILE}`)}; drop role ${quoted(role)}`);
      await withTenant("acme", (client) => client.query(`drop table ${schema}.${quoted(HOSTILE)}`));
      assert.equal(found.biggestTables[0]?.table, HOSTILE);
      assert.ok(String(found.warnings[0]).startsWith("No file declares tenant x\\u{1b}[2J"));
      assertFit(reportText(found));
      const json = jsonText(found);
      assert.doesNotMatch(json, /\p{C}/u);
      assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(found)));
    });

    it("of a database without tenants says so", async () => {
      const nobody = access();
      const found = await withReportSession(nobody, (read) => readReport(untenanted(read), nobody, () => {}, []));
      assert.match(reportText(found), /^Tenants: none, neither in the files nor in the database\.$/m);
      assert.deepEqual([found.tenants, found.biggestTables, found.warnings], [[], [], []]);
    });

    it("cannot write, and neither waits nor works for long", async () => {
      await assert.rejects(
        reading((read) => read("create table public.mine ()")),
        /cannot execute CREATE TABLE in a read-only transaction/,
      );
      const limits = "select current_setting('statement_timeout') as s, current_setting('lock_timeout') as l";
      assert.deepEqual(await reading((read) => read(limits)), [{ s: "5s", l: "1s" }]);
      await withTenant("bolt", async (client) => {
        await client.query("begin; lock table notes in access exclusive mode");
        const waits = (read: Read) => read("set lock_timeout = 1; select pg_relation_size('schema_bolt.notes')");
        await assert.rejects(reading(waits), (error) => error instanceof LimitReached && error.limit === "lock");
      });
    });

    it("names the server when the session is ended under it", async () => {
      await assert.rejects(
        reading(async (read) => {
          const [row] = await read<{ pid: number }>("select pg_backend_pid() as pid");
          await superuser.query("select pg_terminate_backend($1, 5000)", [row?.pid]);
          await read("select 1");
        }),
        /^Error: the session with PostgreSQL at 127\.0\.0\.1:\d+ is lost: /,
      );
    });

    describe("with pg_stat_statements", () => {
      it("is told how to get it where it is not", async () => {
        const { slowStatements } = await report();
        assert.deepEqual(slowStatements.statements, []);
        assert.match(slowStatements.unavailable ?? "", /create extension pg_stat_statements/);
      });

      it("does not fall for a view of that name which is not the extension's", async () => {
        await withTenant("acme", (client) => client.query("create view pg_stat_statements as select 1 / 0 as boom"));
        assert.match((await report()).slowStatements.unavailable ?? "", /is not installed/);
        await withTenant("acme", (client) => client.query("drop view pg_stat_statements"));
      });

      it("shows the slowest of each role, without what was written as a value", async () => {
        await likeTheExtension();
        const { slowStatements } = await report();
        assert.equal(slowStatements.unavailable, null);
        assert.deepEqual(
          slowStatements.statements.map(({ role, calls, totalMs, statement }) => [role, calls, totalMs, statement]),
          [
            ["postgres", 1, 500, "alter role user_acme password ?"],
            ["user_acme", 4, 400, "select * from notes where id = $1"],
            ["user_acme", 3, 300, "set app.token to ?"],
            ["user_acme", 2, 200, "select ?"],
          ],
        );
        assertFit(reportText(await report()));
      });

      it("says so when it cannot be read, and reports the rest", async () => {
        await superuser.query("revoke select on public.pg_stat_statements from public");
        const { slowStatements, tenants } = await report();
        assert.match(slowStatements.unavailable ?? "", /cannot be read: permission denied/);
        assert.equal(tenants.length, 2);
      });

      /** The binaries have no such extension: a view with its columns, which belongs to an extension of its name. */
      async function likeTheExtension(): Promise<void> {
        await superuser.query(`
          set allow_system_table_mods = on;
          create view public.pg_stat_statements as
            select r.oid as userid, d.oid as dbid, v.* from pg_roles r, pg_database d,
                   (values ('user_acme', 'select * from notes where id = $1', 4::bigint, 400::float8, 100::float8),
                           ('user_acme', 'set app.token to hunter2', 3, 300, 100),
                           ('user_acme', E'select /* hunter2 */\\n ''hunter2''', 2, 200, 100),
                           ('user_acme', 'select 4', 1, 100, 100),
                           ('postgres', 'alter role user_acme password ''hunter2''', 1, 500, 500)
                   ) v (rolename, query, calls, total_exec_time, mean_exec_time)
             where rolname = rolename and datname = current_database();
          grant select on public.pg_stat_statements to public;
          grant usage on schema public to public;
          insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
            values (99999, 'pg_stat_statements', 10, 'public'::regnamespace, true, '1.10');
          insert into pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
            values ('pg_class'::regclass, 'public.pg_stat_statements'::regclass, 0, 'pg_extension'::regclass, 99999, 0, 'e')`);
      }
    });
  });
}

it("says that no server answers", async () => {
  const closed = createServer().listen(0, "127.0.0.1");
  await once(closed, "listening");
  const { port } = closed.address() as { port: number };
  await once(closed.close(), "close");
  const settings = { ...SETTINGS, database: { ...SETTINGS.database, host: "127.0.0.1", port } };
  const access = { settings, adminPassword: "x" } as unknown as StackAccess;
  await assert.rejects(
    withReportSession(access, async () => {}),
    /^Error: cannot log in as postgres to PostgreSQL at 127\.0\.0\.1:\d+.*security group admits this machine/,
  );
});

/** As if nothing had a tenant's name. */
function untenanted(read: Read): Read {
  return async <Row extends QueryResultRow>(sql: string, values?: readonly unknown[]) => {
    const rows = await read<Row>(sql, values);
    return rows.filter(({ name, schema }) => !/^(user|schema)_/.test(name ?? schema ?? ""));
  };
}

/** Nothing that a terminal acts on, and no line that is too long. */
function assertFit(text: string): void {
  assert.doesNotMatch(text, /(?!\n)\p{C}/u);
  assert.deepEqual(
    text.split("\n").filter((line) => line.length > 120),
    [],
  );
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, "what is waited for does not come");
    await setTimeout(20);
  }
}
