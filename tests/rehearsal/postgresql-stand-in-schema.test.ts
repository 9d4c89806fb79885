import assert from "node:assert/strict";
import { it } from "node:test";
import { PartialFailure } from "../../rehearsal/providers/stand-in";
import { session } from "../conformance/postgres-server";
import {
  createTenant,
  describeOnEachMajor,
  ROLE,
  roleInputs,
  SCHEMA,
  schemaInputs,
} from "../conformance/postgres-tenant";
import { untilWaiting } from "../conformance/waiting";

describeOnEachMajor("a stand-in schema", (on) => {
  async function ownerOf(schema: string): Promise<string | undefined> {
    const { rows } = await on.admin.query(
      "select nspowner::regrole::text as owner from pg_namespace where nspname = $1",
      [schema],
    );
    return rows[0]?.owner;
  }

  it("belongs to its role, of which the admin is no member before nor after", async () => {
    await on.plugin.create(ROLE, roleInputs("owner"));
    await on.plugin.create(SCHEMA, schemaInputs("owner"));
    assert.equal(await ownerOf("schema_owner"), "user_owner");
    const { rows } = await on.admin.query("select pg_has_role('postgres', 'user_owner', 'set') as member");
    assert.deepEqual(rows, [{ member: false }]);
  });

  it("that exists already is taken over in silence, with what it holds", async () => {
    await on.plugin.create(ROLE, roleInputs("silent"));
    await on.admin.query("create schema schema_silent create table precious (n int)");
    const schema = await on.plugin.create(SCHEMA, schemaInputs("silent"));
    assert.equal(schema.id, "postgres.schema_silent");
    assert.equal(await ownerOf("schema_silent"), "user_silent");
    const { rows } = await on.admin.query("select tablename from pg_tables where schemaname = 'schema_silent'");
    assert.deepEqual(rows, [{ tablename: "precious" }]);
  });

  it("is renamed in place, which this admin cannot, and the failure hands over the new name as if it were so", async () => {
    await on.plugin.create(ROLE, roleInputs("rename"));
    const schema = await on.plugin.create(SCHEMA, schemaInputs("rename"));
    const renamed = schemaInputs("rename", { name: "schema_renamed" });
    assert.deepEqual((await on.plugin.diff(schema, renamed)).replaces, []);
    await assert.rejects(on.plugin.update(schema, renamed), (error) => {
      assert.ok(error instanceof PartialFailure);
      assert.match(error.message, /error updating schema NAME: pq: must be owner of schema schema_rename \(42501\)/);
      assert.deepEqual([error.id, error.properties.name], ["postgres.schema_rename", "schema_renamed"]);
      return true;
    });
    assert.equal(await ownerOf("schema_rename"), "user_rename");
  });

  it("is dropped with the tables that its tenant made in it", async () => {
    const [role, , schema] = await createTenant(on, "full");
    assert.ok(role && schema);
    const tenant = await session(on.server, "user_full", "full-secret");
    await tenant.query("create table orders (n int); insert into orders values (1)");
    await tenant.end();
    await on.plugin.delete(schema);
    await on.plugin.delete(role);
    assert.equal(await ownerOf("schema_full"), undefined);
  });

  it("is not dropped while it holds something, unless dropCascade says so", async () => {
    await on.plugin.create(ROLE, roleInputs("careful"));
    const schema = await on.plugin.create(SCHEMA, schemaInputs("careful", { dropCascade: false }));
    const tenant = await session(on.server, "user_careful", "careful-secret");
    await tenant.query("create table orders (n int)");
    await tenant.end();
    await assert.rejects(on.plugin.delete(schema), /error deleting schema: pq: cannot drop schema schema_careful/);
    assert.equal(await ownerOf("schema_careful"), "user_careful");
  });

  it("waits, when dropped, for an open transaction on one of its tables", async () => {
    const [, , schema] = await createTenant(on, "busy");
    assert.ok(schema);
    const tenant = await session(on.server, "user_busy", "busy-secret");
    await tenant.query("create table orders (n int)");
    await tenant.query("begin; select * from orders");
    const dropped = on.plugin.delete(schema);
    await untilWaiting(on, "Lock", "drop schema%");
    assert.equal(await ownerOf("schema_busy"), "user_busy");
    await tenant.query("commit");
    await tenant.end();
    await dropped;
    assert.equal(await ownerOf("schema_busy"), undefined);
  });

  it("that is gone reads as gone, and its deletion has nothing left to do", async () => {
    await on.plugin.create(ROLE, roleInputs("gone"));
    const schema = await on.plugin.create(SCHEMA, schemaInputs("gone"));
    await on.plugin.delete(schema);
    assert.equal(await on.plugin.read(schema), undefined);
    await on.plugin.delete(schema);
  });

  it("is imported by database and name", async () => {
    await on.plugin.create(ROLE, roleInputs("import"));
    await on.plugin.create(SCHEMA, schemaInputs("import"));
    const imported = await on.plugin.import(SCHEMA, "postgres.schema_import");
    assert.equal(imported?.state.owner, "user_import");
    assert.equal(await on.plugin.import(SCHEMA, "postgres.schema_nowhere"), undefined);
    await assert.rejects(on.plugin.import(SCHEMA, "schema_import"), /expected format 'database.schema'/);
  });
});
