import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { Client } from "pg";
import { ENV_KEYS } from "../../domain/env-file";
import type { Output } from "../../ops/output";
import { showSecrets } from "../../ops/report/show-secrets";
import { boot } from "../../rehearsal/session/boot";
import { stackAccess } from "../../rehearsal/session/stack-access";
import { TENANT_TABLES } from "../../rehearsal/story/own-schema";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

/** How a tenant logs in, by its `.env` alone. */
interface TenantAccess {
  readonly slug: string;
  readonly schema: string;
  /** `DATABASE_URL`. */
  readonly url: string;
}

/** One slug begins with the other. */
const SLUGS = ["acme", "farma", "farmacon"];

for (const major of ["16", "18"]) {
  describe(`a tenant with nothing but its server's .env, PostgreSQL ${major}`, () => {
    const files = Object.fromEntries(SLUGS.map((slug) => [slug, frontend(slug)]));
    files.farma += "server: { pooler: transaction }\n";
    const rehearsal = new ScratchRehearsal(files, ["--postgres", major]);
    const tenants: TenantAccess[] = [];
    /** By URL: a session of each tenant, since to log in for each question takes longer than the answers. */
    const sessions = new Map<string, Client>();

    before(async () => {
      assert.equal((await rehearsal.up()).ok, true);
      for (const slug of SLUGS) {
        const { env, envFile } = await boot(rehearsal.session, slug);
        // A rehearsal runs no pooler, and goes past it.
        const own = readFileSync(envFile, "utf8");
        assert.equal(own.includes("@127.0.0.1:6433/postgres?sslmode=disable"), slug === "farma");
        assert.doesNotMatch(own, /POOLER/);
        tenants.push({ slug, schema: `schema_${slug}`, url: env.DATABASE_URL ?? "" });
      }
    });
    after(async () => {
      for (const session of sessions.values()) await session.end();
      await rehearsal.remove();
    });

    /** Rows of one column, as the tenant, in a session that is as a new one. */
    async function asTenant({ url }: TenantAccess, text: string, values: unknown[] = []): Promise<unknown[]> {
      const session = sessions.get(url) ?? new Client({ connectionString: url });
      if (!sessions.has(url)) await session.connect();
      sessions.set(url, session);
      try {
        const { rows } = await session.query({ text, values, rowMode: "array" });
        return rows.map(([value]) => value);
      } finally {
        await session.query("discard all");
      }
    }

    /** Rows of one column, as one who sees everything. */
    async function lines(text: string): Promise<string[]> {
      const rows = await rehearsal.sql(text, [], rehearsal.session.postgres.superuser);
      return rows.map(({ line }) => line);
    }

    const others = (tenant: TenantAccess) => tenants.filter((other) => other !== tenant);

    it("behind a pooler is shown to people with the database's own URL, which is good for the database alone", async () => {
      const printed: string[] = [];
      const output: Output = { print: (text) => void printed.push(text), report: () => {} };
      const asked = { slug: "farma", json: false, listing: "", consent: async () => true };
      assert.equal(await showSecrets(stackAccess(rehearsal.session), output, asked), 0);
      const lines = printed.join().split("\n");
      assert.equal(lines.length, ENV_KEYS.length);
      assert.ok(lines.includes(`DATABASE_URL=${tenants[1]?.url}`));
    });

    it("works in its own schema", async () => {
      for (const tenant of tenants) {
        assert.deepEqual(await asTenant(tenant, "show search_path"), [tenant.schema]);
        assert.deepEqual(await asTenant(tenant, "select current_user"), [`user_${tenant.slug}`]);
        await asTenant(tenant, "insert into categories (name) values ('own')");
        assert.deepEqual(await asTenant(tenant, "select name from categories"), ["own"]);
      }
    });

    it("sees its own tables and no other tenant's", async () => {
      for (const tenant of tenants) {
        assert.deepEqual(
          await asTenant(
            tenant,
            "select table_schema || '.' || table_name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') order by 1",
          ),
          TENANT_TABLES.map((table) => `${tenant.schema}.${table}`),
        );
      }
    });

    it("has no privilege on any other tenant's schema, tables, columns or sequences", async () => {
      const held = `
        select n.nspname || ' ' || p from pg_namespace n, unnest(array['usage', 'create']) p
         where n.nspname = any ($1) and has_schema_privilege(n.oid, p)
        union all
        select c.oid::regclass || ' ' || p from pg_class c join pg_namespace n on n.oid = c.relnamespace,
               unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p
         where n.nspname = any ($1) and c.relkind = 'r' and (has_table_privilege(c.oid, p)
            or p in ('select', 'insert', 'update', 'references') and has_any_column_privilege(c.oid, p))
        union all
        select c.oid::regclass || ' ' || p from pg_class c join pg_namespace n on n.oid = c.relnamespace,
               unnest(array['usage', 'select', 'update']) p
         where n.nspname = any ($1) and c.relkind = 'S' and has_sequence_privilege(c.oid, p)`;
      for (const tenant of tenants) {
        assert.deepEqual(await asTenant(tenant, held, [others(tenant).map(({ schema }) => schema)]), []);
        assert.notDeepEqual(await asTenant(tenant, held, [[tenant.schema]]), [], "the question finds what is held");
      }
    });

    for (const [what, statement, refusal = /permission denied/] of [
      ["read another's tables", "select * from SCHEMA.orders"],
      ["write to them", "insert into SCHEMA.categories (name) values ('x')"],
      ["change them", "alter table SCHEMA.orders add column x int"],
      ["empty them", "truncate SCHEMA.orders"],
      ["refer to them", "create table ref (id int references SCHEMA.orders)"],
      ["make a table among them", "create table SCHEMA.intruder ()"],
      ["make a function among them", "create function SCHEMA.f() returns int language sql as 'select 1'"],
      ["use their sequences", "select nextval('SCHEMA.orders_id_seq')"],
      ["drop the schema", "drop schema SCHEMA cascade", /must be owner of schema/],
      ["take the schema", "alter schema SCHEMA owner to current_user", /must be owner of schema/],
      ["open its own door in it", "grant usage on schema SCHEMA to current_user"],
      ["become the other", "set role USER"],
      ["join the other", "grant USER to current_user"],
      ["change the other's password", "alter role USER password 'x'"],
      ["change the other's search_path", "alter role USER set search_path to public"],
      ["drop the other", "drop role USER"],
      ["give away what the other makes", "alter default privileges for role USER grant all on tables to public"],
      ["change a limit set for it", "alter role current_user connection limit 50"],
      ["make a table in public", "create table public.intruder ()"],
      ["make a function in public", "create function public.f() returns int language sql as 'select 1'"],
      ["make a type in public", "create type public.t as enum ('a')"],
      ["make a schema", "create schema intruder"],
      ["make a temporary table", "create temporary table intruder ()"],
      ["make a role", "create role intruder"],
      ["make a database", "create database intruder"],
      ["become the admin", "set role postgres"],
      ["become RDS's superuser", "set role rds_superuser"],
      ["read the passwords", "select * from pg_authid"],
      ["read the server's files", "select pg_read_file('PG_VERSION')"],
      ["run a program on the server", "copy (select 1) to program 'true'"],
      ["make an extension", "create extension dblink", /permission denied|is not available/],
    ] as [string, string, RegExp?][]) {
      it(`cannot ${what}`, async () => {
        for (const tenant of tenants) {
          for (const { schema, slug } of others(tenant)) {
            const text = statement.replaceAll("SCHEMA", schema).replaceAll("USER", `user_${slug}`);
            await assert.rejects(asTenant(tenant, text), refusal, `${tenant.slug}: ${text}`);
          }
        }
      });
    }

    it("finds nothing by setting its search_path to another's schema", async () => {
      for (const tenant of tenants) {
        for (const { schema } of others(tenant)) {
          const client = new Client({ connectionString: tenant.url });
          await client.connect();
          await client.query(`set search_path to ${schema}`);
          await assert.rejects(client.query("select * from products"), /relation "products" does not exist/);
          await client.end();
        }
      }
    });

    it("cannot log in as another with its own password", async () => {
      for (const tenant of tenants) {
        for (const { slug } of others(tenant)) {
          const url = new URL(tenant.url);
          url.username = `user_${slug}`;
          await assert.rejects(asTenant({ ...tenant, url: url.href }, "select"), /password authentication failed/);
        }
      }
    });

    it("is a role that can log in and nothing more, member of none", async () => {
      assert.deepEqual(
        await lines(
          `select rolname || ' ' || array_to_string(array[rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls], ' ')
               || ' ' || array_to_string(rolconfig, ', ') as line
             from pg_roles where rolname like 'user\\_%' order by 1`,
        ),
        SLUGS.map(
          (slug) =>
            `user_${slug} t f f f f f search_path=schema_${slug}, statement_timeout=30000, idle_in_transaction_session_timeout=60000`,
        ),
      );
      // Whoever makes a role administers it; that gives the admin neither its privileges nor the right to become it.
      assert.deepEqual(
        await lines(
          `select roleid::regrole || ' has ' || member::regrole || ', admin ' || admin_option || ', inherit ' || inherit_option || ', set ' || set_option as line
             from pg_auth_members where roleid::regrole::text like 'user\\_%' or member::regrole::text like 'user\\_%' order by 1`,
        ),
        SLUGS.map((slug) => `user_${slug} has postgres, admin true, inherit false, set false`),
      );
    });

    it("stands in the database's privileges with CONNECT, and PUBLIC with nothing", async () => {
      assert.deepEqual(
        await lines(
          `select grantee::regrole || ' ' || string_agg(privilege_type, ' ' order by privilege_type) as line
             from pg_database, aclexplode(datacl) where datname = 'postgres' group by grantee order by 1`,
        ),
        ["postgres CONNECT CREATE TEMPORARY", ...SLUGS.map((slug) => `user_${slug} CONNECT`)],
      );
    });

    it("stands alone in its schema's privileges, and nobody but the owner in public's", async () => {
      assert.deepEqual(
        await lines(
          `select nspname || ', of ' || nspowner::regrole || ': ' || grantee::regrole || ' ' || string_agg(privilege_type, ' ' order by privilege_type) as line
             from pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
            where nspname = 'public' or nspname like 'schema\\_%' group by nspname, nspowner, grantee order by 1`,
        ),
        [
          "public, of pg_database_owner: pg_database_owner CREATE USAGE",
          ...SLUGS.map((slug) => `schema_${slug}, of user_${slug}: user_${slug} CREATE USAGE`),
        ],
      );
    });

    it("uses a table that the admin makes in its schema, and gets no code of its own to run with the admin's rights", async () => {
      const [tenant] = tenants as [TenantAccess];
      const { schema } = tenant;
      const root = rehearsal.session.postgres.superuser;
      await rehearsal.sql(
        `
        grant create, usage on schema ${schema} to postgres; set role postgres;
        create table ${schema}.made_by_admin (id int primary key); insert into ${schema}.made_by_admin values (1);
        reset role; revoke create, usage on schema ${schema} from postgres`,
        [],
        root,
      );
      for (const statement of [
        "insert into made_by_admin values (2)",
        "delete from made_by_admin where id = 2",
        "create type key as (value int)",
        "create table mine (key key)",
      ]) {
        await asTenant(tenant, statement);
      }
      // A foreign key is checked with the rights of the table's owner, and calls the cast that the tenant has made.
      for (const statement of [
        "alter table mine add foreign key (key) references made_by_admin",
        "create trigger spring after insert on made_by_admin execute function suppress_redundant_updates_trigger()",
        "create rule spring as on insert to made_by_admin do nothing",
        "create index on made_by_admin (id)",
      ]) {
        await assert.rejects(asTenant(tenant, statement), /permission denied|must be owner/, statement);
      }
      await rehearsal.sql(`drop table ${schema}.made_by_admin, ${schema}.mine; drop type ${schema}.key`, [], root);
    });

    it("has these privileges on what the admin will make in its schema, and nobody else any", async () => {
      assert.deepEqual(
        await lines(
          `select defaclnamespace::regnamespace || ' ' || defaclobjtype::text || ' of ' || defaclrole::regrole || ': ' || grantee::regrole || ' '
               || string_agg(privilege_type, ' ' order by privilege_type) as line
             from pg_default_acl, aclexplode(defaclacl) group by defaclnamespace, defaclobjtype, defaclrole, grantee order by 1`,
        ),
        SLUGS.flatMap((slug) => [
          `schema_${slug} S of postgres: user_${slug} SELECT UPDATE USAGE`,
          `schema_${slug} r of postgres: user_${slug} DELETE INSERT SELECT TRUNCATE UPDATE`,
        ]),
      );
    });
  });
}
