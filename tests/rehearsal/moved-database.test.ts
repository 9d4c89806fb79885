import assert from "node:assert/strict";
import { after, it } from "node:test";
import { Client } from "pg";
import { up } from "../../rehearsal/engine/engine";
import { nameOf } from "../../rehearsal/engine/urn";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";

const rehearsal = new ScratchRehearsal({ acme: frontend("acme") });
after(() => rehearsal.remove());

/** What a setting of another `database.name` does. Gives the failures, as `acme-role: what happened`. */
async function moveTo(name: string): Promise<string[]> {
  const session = await rehearsal.open();
  const options = session.engine({});
  const database = { ...JSON.parse(options.config.values["b2b-tenants:database"] ?? ""), name };
  const values = { ...options.config.values, "b2b-tenants:database": JSON.stringify(database) };
  const { failures } = await up({ ...options, config: { ...options.config, values } });
  return failures.map(({ urn, message }) => `${nameOf(urn)}: ${message.trim()}`);
}

async function inDatabase(database: string, sql: string) {
  const { host, port, adminUser, adminPassword } = rehearsal.session.postgres;
  const client = new Client({ host, port, database, user: adminUser, password: adminPassword });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

it("a tenant whose database becomes another one does not take over a schema of somebody else's there", async () => {
  assert.deepEqual((await rehearsal.up()).failures, []);
  await rehearsal.sql("create database elsewhere");
  await inDatabase("elsewhere", "create schema schema_acme; create table schema_acme.precious as select 1 as n");
  // A password of another day than the guard was made on.
  rehearsal.declare("acme", `${frontend("acme")}rotation: { password: 2 }\n`);
  const [failure, ...others] = await moveTo("elsewhere");
  assert.match(failure ?? "", /^acme-schema-guard: schema schema_acme already holds table schema_acme\.precious/);
  assert.deepEqual(others, []);
  const owners =
    "select tableowner, nspowner::regrole::text as owner from pg_tables join pg_namespace on nspname = schemaname where tablename = 'precious'";
  assert.deepEqual(await inDatabase("elsewhere", owners), [{ tableowner: "postgres", owner: "postgres" }]);
  assert.equal((await rehearsal.sql("select from pg_tables where schemaname = 'schema_acme'")).length, 14);
});
