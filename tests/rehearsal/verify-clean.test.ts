import assert from "node:assert/strict";
import { it } from "node:test";
import { liftFence, raiseFence } from "../../database/offboarding/fence";
import type { TenantSpec } from "../../domain/tenant-spec";
import { groundOf } from "../../ops/verify/ground";
import { survey } from "../../ops/verify/survey";
import { EXTENSION, session } from "../conformance/postgres-server";
import { createTenant, describeOnEachMajor, type OnServer } from "../conformance/postgres-tenant";
import { told } from "./leaking-database";
import { RICH_SCHEMA } from "./rich-schema";

const SETTINGS = {
  database: { host: "", port: 0, name: "postgres", adminUser: "postgres", sslmode: "disable" },
} as const;

describeOnEachMajor("a database whose tenants are kept apart", (on: OnServer) => {
  const ground = (declared: readonly string[] = []) =>
    groundOf(on.admin, SETTINGS, declared.map((slug) => ({ slug })) as TenantSpec[]);
  const leaks = async () => (await survey(on.admin, await ground(), [])).leaks.map(told);
  const asRoot = async (sql: string) => {
    const { user, password } = on.server.superuser;
    const root = await session(on.server, user, password);
    await root.query(sql).finally(() => root.end());
  };
  const as = (role: string, sql: string) =>
    asRoot(`set session authorization ${role}; set search_path to schema_acme; ${sql}`);

  it("has tenants as the provider makes them, and the guide's, and no leak", async () => {
    await on.admin.query("revoke all on schema public from public");
    await on.admin.query("revoke all on database postgres from public");
    await createTenant(on, "acme");
    await on.admin.query(`
      create user user_hand with password 'x'; grant user_hand to postgres;
      create schema schema_hand authorization user_hand;
      grant connect on database postgres to user_hand;
      grant all privileges on schema schema_hand to user_hand;
      alter default privileges in schema schema_hand grant all on tables to user_hand;
      alter default privileges in schema schema_hand grant all on sequences to user_hand;
      alter user user_hand set search_path to schema_hand`);
    assert.deepEqual((await ground()).tenants, [
      { slug: "acme", schema: "schema_acme", role: "user_acme", secondLogin: undefined },
      { slug: "hand", schema: "schema_hand", role: "user_hand", secondLogin: undefined },
    ]);
    assert.deepEqual(await leaks(), []);
  });

  it("has tenants with something of every kind in their schemas; only what PUBLIC was granted there is told", async () => {
    await as("user_acme", RICH_SCHEMA);
    assert.deepEqual(await leaks(), ["relation: public -> acme: table schema_acme.customers"]);
    await as(
      "user_acme",
      `revoke select on customers from public;
       alter default privileges grant select on tables to user_acme;
       alter default privileges grant execute on functions to postgres; alter default privileges revoke usage on types from public`,
    );
    assert.deepEqual(await leaks(), []);
  });

  it("has what the admin made in a tenant's schema, and what the tenant may do with it by default", async () => {
    await asRoot("create table schema_acme.by_admin (id serial); alter table schema_acme.by_admin owner to postgres");
    await as(
      "user_acme",
      "grant usage on schema schema_acme to postgres; grant select on customers to postgres, rds_superuser",
    );
    await on.admin.query("grant select, insert, update, delete, truncate on schema_acme.by_admin to user_acme");
    assert.deepEqual(await leaks(), []);
  });

  it("has roles of RDS's own, third roles with a place of their own, and an extension, in public or in a tenant's schema", async () => {
    await asRoot(`
      create role rds_iam; grant rds_iam to postgres; create role rdsrepladmin replication; grant user_acme to rds_superuser;
      create role reporter login; grant connect, temporary on database postgres to reporter;
      create schema reports authorization reporter; grant usage on schema reports to postgres;
      grant pg_read_all_stats to reporter; create extension ${EXTENSION} schema public`);
    assert.deepEqual(await leaks(), []);
    // As the one for pg_stat_statements brings a view for all, and others functions that run with their owner's rights.
    await asRoot(`
      drop extension ${EXTENSION}; create extension ${EXTENSION} schema schema_acme;
      create view schema_acme.stats as select 1 as one; grant select on schema_acme.stats to public;
      create function schema_acme.stats_reset() returns int language sql security definer as 'select 1';
      alter extension ${EXTENSION} add view schema_acme.stats; alter extension ${EXTENSION} add function schema_acme.stats_reset()`);
    assert.deepEqual(await leaks(), []);
  });

  it("is on a server where PUBLIC has no longer what the server gives everybody, and tenants have it by name", async () => {
    const rights = `select on pg_catalog.pg_roles, pg_catalog.pg_class, information_schema.tables
                    execute on function pg_catalog.has_table_privilege(text, text), pg_catalog.pg_sleep(double precision)
                    usage on language plpgsql`.split("\n");
    await asRoot(
      rights.map((right) => `revoke ${right} from public; grant ${right} to user_acme, postgres`).join("; "),
    );
    const named = await leaks();
    await asRoot(
      "grant select on pg_catalog.pg_roles to user_acme with grant option; grant select on pg_authid to user_acme",
    );
    const beyond = await leaks();
    await asRoot(
      "revoke grant option for select on pg_catalog.pg_roles from user_acme; revoke select on pg_authid from user_acme",
    );
    await asRoot(
      rights.map((right) => `revoke ${right} from user_acme, postgres; grant ${right} to public`).join("; "),
    );
    assert.deepEqual(named, []);
    assert.deepEqual(beyond.sort(), [
      "system object: user_acme -> -: table pg_catalog.pg_authid",
      "system object: user_acme -> -: view pg_catalog.pg_roles",
    ]);
  });

  it("has a tenant that is shut out for its removal", async () => {
    await raiseFence(on.admin, "user_acme", new Date());
    assert.deepEqual(await leaks(), []);
    await liftFence(on.admin, "user_acme");
  });

  it("counts as a tenant whoever has both names, and whom a file declares as soon as there is one", async () => {
    await on.admin.query(`
      create schema schema_alone; create role user_single; create schema "schema_We""ird"; create role "user_We""ird"`);
    const slugs = async (declared: readonly string[]) => (await ground(declared)).tenants.map(({ slug }) => slug);
    assert.deepEqual(await slugs([]), ["acme", "hand"]);
    assert.deepEqual(await slugs(["single", "alone", "missing", "acme"]), ["acme", "alone", "hand", "single"]);
    const found = await survey(on.admin, await ground(["single", "alone"]), []);
    assert.deepEqual(found.leaks, []);
  });

  it("has no tenant at all", async () => {
    const none = { database: "postgres", adminUser: "postgres", tenants: [] };
    assert.deepEqual((await survey(on.admin, none, [])).leaks, []);
    await on.admin.query("grant usage on schema public to public");
    assert.deepEqual((await survey(on.admin, none, [])).leaks.map(told), ["schema: public -> -: schema public"]);
  });

  it("is only read, and the session is left as it was", async () => {
    const before = await on.admin.query("select name, setting from pg_settings order by 1");
    await leaks();
    const after = await on.admin.query("select name, setting from pg_settings order by 1");
    assert.deepEqual(after.rows, before.rows);
    await on.admin.query("create table public.still (id int)");
  });
});
