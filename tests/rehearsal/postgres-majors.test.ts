import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it, mock } from "node:test";
import timers from "node:timers/promises";
import { type HandoverInputs, update } from "../../components/dynamic/login-handover-run";
import { restore } from "../../ops/restore/restore";
import { verifyIsolation } from "../../ops/verify/verification";
import { nameOf } from "../../rehearsal/engine/urn";
import { INSTALLABLE_MAJORS, majorOfFolder } from "../../rehearsal/servers/postgres-programs";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { tenantLogin } from "../../rehearsal/session/tenant-login";
import { PLANS_OFF } from "../conformance/postgres-server";
import { contents, makeByHand, standing } from "./hand-made";
import { LiveBackend } from "./live-backend";
import { frontend, type Run, ScratchRehearsal } from "./scratch-rehearsal";

const FOLDER = process.env.REHEARSAL_POSTGRES_BIN;

/** A folder's server alone, when the environment names one; else those that the other tests do not run on. */
const SERVERS: readonly (readonly [major: number, options: readonly string[]])[] =
  FOLDER === undefined
    ? INSTALLABLE_MAJORS.filter((major) => major !== 16).map((major) => [major, ["--postgres", String(major)]])
    : [[majorOfFolder(FOLDER), ["--postgres-bin", FOLDER]]];

const rotated = (password: number) => `${frontend("acme")}rotation: { password: ${password} }\n`;

const HAND_MADE = `${frontend("guide")}adopt: true\noffboarding:\n  backup: false\n`;

// The tests are one story of one stack, in this order.
for (const [major, options] of SERVERS) {
  describe(`on PostgreSQL ${major}`, () => {
    const migrations = mkdtempSync(path.join(tmpdir(), "migrations-"));
    writeFileSync(path.join(migrations, "0001_tax.sql"), "create table tax (id integer primary key);");
    const withMigrations = [...options, "--migrations", migrations];
    const rehearsal = new ScratchRehearsal({ acme: frontend("acme"), guide: HAND_MADE }, withMigrations);
    const server = () => rehearsal.session.postgres;
    let bought: unknown[];

    before(async () => {
      await makeByHand((await rehearsal.open()).postgres, "guide");
      for (const setting of PLANS_OFF) await rehearsal.sql(`alter role postgres set ${setting} = off`);
    });
    after(async () => {
      rmSync(migrations, { recursive: true });
      await rehearsal.remove();
    });

    if (major < 16) {
      it("a preview refuses an admin whom memberships give no rights", async () => {
        await rehearsal.sql("alter role postgres noinherit");
        const { ok, failures } = await rehearsal.preview();
        assert.equal(ok, false);
        assert.match(failures.join("\n"), /^\w+-schema-guard: postgres has the attribute NOINHERIT, /m);
        const [, statement = ""] = /deploy again:\n(.*)$/m.exec(failures.join("\n")) ?? [];
        await rehearsal.sql(statement);
      });
    }

    it("`up` makes a tenant, and adopts one that was made by hand; both run the migrations", async () => {
      const { version } = (await rehearsal.sql("select current_setting('server_version_num')::int as version"))[0];
      assert.equal(Math.floor(version / 10_000), major);
      const data = await contents(server(), "guide");
      succeeded(await rehearsal.up());
      assert.deepEqual(await contents(server(), "guide"), data);
      assert.deepEqual(await standing(server(), "guide"), await standing(server(), "acme"));
      for (const slug of ["acme", "guide"]) assert.deepEqual(await ledger(slug), ["tenant_init", "0001_tax"]);
    });

    it("a second `up` changes nothing", async () => {
      assert.deepEqual(succeeded(await rehearsal.up()).changes, []);
    });

    it("two rotations in a row turn away none of a backend's customers, and end what the last login is good for", async () => {
      const backend = await LiveBackend.start(rehearsal.session, "acme");
      for (const [generation, user, last] of [
        [2, "user2_acme", "user_acme"],
        [3, "user_acme", "user2_acme"],
      ] as const) {
        const login = await tenantLogin(rehearsal.session, "acme");
        rehearsal.declare("acme", rotated(generation));
        assert.equal(open(succeeded(await rehearsal.up())), true);
        assert.equal(backend.user, last);

        // The next one would change the login that the server still uses.
        rehearsal.declare("acme", rotated(generation + 1));
        const early = await rehearsal.up();
        assert.match(
          early.failures.join(),
          /^acme-schema-guard: tenant acme: the last rotation of its password has not ended/,
        );
        rehearsal.declare("acme", rotated(generation));

        const { inputs, outputs } = handover(early.state) ?? {};
        const news = { ...inputs, ...admin(), patience: 60_000 } as HandoverInputs;
        // An `up` of the same rotation looks once, and leaves the waiting to the one that began it.
        const waiting = mock.method(timers, "setTimeout", () => assert.fail("it waited"));
        assert.equal((await update("", { ...news, open: true }, news)).outs?.open, true);
        waiting.mock.restore();
        assert.equal(outputs?.open, true);
        const waited = update("", { ...news, rotation: generation - 1, open: false }, news);
        await backend.tick();
        assert.equal((await waited).outs?.open, false);
        assert.equal(backend.user, user);
        assert.deepEqual(succeeded(await rehearsal.up()).changes, ["update acme-handover"]);
        assert.deepEqual(succeeded(await rehearsal.up()).changes, []);
        await assert.rejects(rehearsal.sql("select", [], login), /password authentication failed/);
        // The state learns whose validity has ended, and no `up` begins it again.
        succeeded(await rehearsal.refresh());
        assert.deepEqual(succeeded(await rehearsal.up()).changes, []);
        await assert.rejects(rehearsal.sql("select", [], login), /password authentication failed/);
      }
      await backend.stop();
      assert.deepEqual(backend.failures, []);
      assert.deepEqual([...backend.served.keys()].sort(), ["user2_acme", "user_acme"]);
    });

    it("`verify` proves the tenants apart, and tells a membership with a remedy that closes it", async () => {
      const proved = () => verifyIsolation(stackAccess(rehearsal.session), { report: () => {} });
      await rehearsal.sql("create role maker login createrole");
      const { leaks, notes, tenants } = await proved();
      await rehearsal.sql("drop role maker");
      assert.deepEqual(leaks, []);
      // Who makes roles could give itself a tenant's.
      assert.equal(
        notes.some(({ sentence }) => /^maker, which is no tenant, has the attribute CREATEROLE/.test(String(sentence))),
        major < 16,
      );
      assert.deepEqual(
        tenants.map(({ slug, complete }) => [slug, complete]),
        [
          ["acme", true],
          ["guide", true],
        ],
      );
      await rehearsal.sql("grant user_acme to user_guide");
      const told = (await proved()).leaks.find(({ check }) => check === "membership");
      assert.ok(told !== undefined);
      for (const { statement } of told.closes) await rehearsal.sql(statement);
      assert.deepEqual((await proved()).leaks, []);
    });

    // Of one server is enough, and PyPI's of 18 has no citext.
    if (major === 17 || FOLDER !== undefined) {
      it("a removal is refused where a dump loses an extension's operator, until the comparison names it", async () => {
        await rehearsal.sql(`
          create schema extensions; create extension citext schema extensions; grant usage on schema extensions to user_acme`);
        await asAcme(`
          create table accounts (id int primary key, email extensions.citext unique, alt extensions.citext);
          insert into accounts values (1, 'Ann@Example.com', 'ann@example.com'), (2, 'bob@x.com', 'BOB@x.com');
          set local search_path = schema_acme, extensions;
          create view pairs as select a.id from accounts a join (select id, alt as email from accounts) b using (email);
          create function stamp() returns trigger language plpgsql as 'begin return new; end';
          create trigger touched before update on accounts for each row when (old.email is distinct from new.email) execute function stamp()`);
        rehearsal.withdraw("acme");
        const { failures } = await rehearsal.up();
        const lost = (user: string) =>
          new RegExp(`missing: ${user} uses operator extensions\\.=\\(extensions\\.citext,extensions\\.citext\\)`);
        assert.match(failures.join(), lost("rule _RETURN on view pairs"));
        assert.match(failures.join(), lost("trigger touched on table accounts"));
        rehearsal.declare("acme", rotated(3));
        succeeded(await rehearsal.up());
        await asAcme(`
          create or replace view pairs as select a.id from accounts a join accounts b on a.email operator(extensions.=) b.alt;
          drop trigger touched on accounts;
          create trigger touched before update on accounts for each row
            when (not (old.email operator(extensions.=) new.email)) execute function stamp()`);
      });
    }

    it("a removal with a backup leaves nothing of the tenant", async () => {
      await asAcme(`
        insert into categories (name) select 'category ' || n from generate_series(1, 50) n;
        insert into products (sku, name, price, category_id) select 'sku-' || id, 'añejo ' || id, id * 1.5, id from categories`);
      bought = await contents(server(), "acme");
      // What a second login has that no longer acts as its role, and what a neighbour has given it.
      await rehearsal.sql(`
        begin;
        grant user2_acme, user_guide to postgres;
        set local role user2_acme;
        create table schema_acme.of_second_login ();
        set local role user_guide;
        grant usage on schema schema_guide to user2_acme;
        grant select on schema_guide.products to user2_acme;
        reset role;
        revoke user2_acme, user_guide from postgres;
        commit`);
      rehearsal.withdraw("acme");
      succeeded(await rehearsal.up());
      assert.deepEqual(await left(), ["user_guide", "schema_guide"]);
    });

    it("its backup is restored into the tenant that is made again, and runs the migration that has come since", async () => {
      writeFileSync(path.join(migrations, "0002_rate.sql"), "alter table tax add column rate numeric;");
      // Made anew, it has the second login from the beginning, and no server that could know another.
      rehearsal.declare("acme", rotated(2));
      assert.equal(open(succeeded(await rehearsal.up())), false);
      assert.equal((await tenantLogin(rehearsal.session, "acme")).user, "user2_acme");
      await rehearsal.sql(`
        do $$ begin grant usage on schema extensions to user_acme; exception when invalid_schema_name then null; end $$`);
      const from = readdirSync(rehearsal.home.backups, { recursive: true }).find((file) =>
        /\.manifest\.json$/.test(String(file)),
      );
      const status = await restore(
        stackAccess(rehearsal.session),
        { print: () => {}, report: () => {} },
        { tenant: "acme", into: "acme", from: path.basename(String(from)), neighbours: true, json: true },
      );
      assert.equal(status, 0);
      assert.deepEqual(await contents(server(), "acme"), bought);
      for (const slug of ["acme", "guide"]) {
        assert.deepEqual(await ledger(slug), ["tenant_init", "0001_tax", "0002_rate"]);
        await rehearsal.sql(`select rate from schema_${slug}.tax`, [], server().superuser);
      }
      assert.deepEqual(succeeded(await rehearsal.up()).changes, []);
      assert.deepEqual(
        await rehearsal.sql("select relowner::regrole::text as owner from pg_class where relname = 'of_second_login'"),
        [{ owner: "user_acme" }],
      );
      const { leaks, tenants } = await verifyIsolation(stackAccess(rehearsal.session), { report: () => {} });
      assert.deepEqual([leaks, tenants.map(({ complete }) => complete)], [[], [true, true]]);
    });

    it("`destroy` removes all tenants, with a backup and without", async () => {
      succeeded(await rehearsal.destroy());
      assert.deepEqual(await left(), []);
    });

    async function ledger(slug: string): Promise<string[]> {
      const sql = `select name from schema_${slug}.b2b_tenants_migrations where applied_at is not null order by number`;
      return (await rehearsal.sql(sql, [], server().superuser)).map(({ name }) => name);
    }

    /** All in one transaction. */
    async function asAcme(sql: string): Promise<void> {
      await rehearsal.sql(`
        begin;
        grant user_acme to postgres;
        set local role user_acme;
        set local search_path = schema_acme;
        ${sql};
        reset role;
        revoke user_acme from postgres;
        commit`);
    }

    function handover({ resources }: Run["state"]) {
      return resources.find(({ urn }) => nameOf(urn) === "acme-handover");
    }

    /** Whether both logins are valid. */
    function open({ state }: Run): unknown {
      return handover(state)?.outputs?.open;
    }

    function admin() {
      const { host, port, database, adminUser, adminPassword } = server();
      return { host, port, database, sslmode: "disable" as const, user: adminUser, password: adminPassword };
    }

    /** Roles, schemas, scratch databases and memberships of the admin. */
    async function left(): Promise<string[]> {
      const rows = await rehearsal.sql(
        `select rolname as name from pg_roles where rolname ~ '^(user2?|scratch)_'
         union all select nspname from pg_namespace where nspname like 'schema\\_%'
         union all select datname from pg_database where datname like 'scratch\\_%'
         union all select 'member of ' || roleid::regrole from pg_auth_members m
          where member = 'postgres'::regrole and roleid::regrole::text like 'user%'
            and to_jsonb(m) ->> 'set_option' is distinct from 'false'`,
      );
      return rows.map(({ name }) => name);
    }
  });
}

/** Fails with what the run itself says. */
function succeeded(run: Run): Run {
  assert.deepEqual([run.failures, run.ok], [[], true]);
  return run;
}
