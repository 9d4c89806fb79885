import assert from "node:assert/strict";
import { it } from "node:test";
import { session } from "../conformance/postgres-server";
import {
  connectInputs,
  createTenant,
  DEFAULT_PRIVILEGES,
  describeOnEachMajor,
  GRANT,
  ROLE,
  roleInputs,
  schemaGrantInputs,
  tableDefaultsInputs,
} from "../conformance/postgres-tenant";
import { untilWaiting } from "../conformance/waiting";

describeOnEachMajor("stand-in grants", (on) => {
  async function privilegesOn(schema: string, role: string): Promise<string[]> {
    const { rows } = await on.admin.query(
      `select privilege_type as name from pg_namespace, aclexplode(nspacl)
        where nspname = $1 and grantee = case $2 when 'public' then 0 else to_regrole($2)::oid end order by 1`,
      [schema, role],
    );
    return rows.map(({ name }) => name);
  }

  it("for twenty tenants at once never fail on each other, and a refresh finds them all unchanged", async () => {
    const slugs = Array.from({ length: 20 }, (_, at) => `parallel${at}`);
    const tenants = await Promise.all(slugs.map((slug) => createTenant(on, slug)));
    for (const held of tenants.flat()) {
      const found = await on.plugin.read(held);
      assert.ok(found, `${held.id} is gone`);
      const { __defaults, ...inputs } = held.inputs;
      assert.equal((await on.plugin.diff(found, inputs)).changes, false, held.id);
    }
  });

  it("replace all that the role had, and deleted take all away", async () => {
    await createTenant(on, "replace");
    await on.admin.query(
      "create schema common; grant usage, create on schema common to user_replace with grant option",
    );
    const grant = await on.plugin.create(GRANT, { ...schemaGrantInputs("replace", ["USAGE"]), schema: "common" });
    assert.deepEqual(await privilegesOn("common", "user_replace"), ["USAGE"]);
    await on.plugin.delete(grant);
    assert.deepEqual(await privilegesOn("common", "user_replace"), []);
  });

  it("are reduced by an update", async () => {
    const [, , , usage] = await createTenant(on, "reduce");
    assert.ok(usage);
    const updated = await on.plugin.update(usage, schemaGrantInputs("reduce", ["USAGE"]));
    assert.deepEqual(updated.state.privileges, ["USAGE"]);
    assert.deepEqual(await privilegesOn("schema_reduce", "user_reduce"), ["USAGE"]);
  });

  it("on a schema, deleted, lock its own owner out of it", async () => {
    const [, , , usage] = await createTenant(on, "lockout");
    assert.ok(usage);
    const tenant = await session(on.server, "user_lockout", "lockout-secret");
    await tenant.query("create table orders (n int)");
    await on.plugin.delete(usage);
    await assert.rejects(tenant.query("select * from schema_lockout.orders"), /permission denied for schema/);
    await tenant.end();
  });

  it("of nothing to public take all from PUBLIC, and deleted do not give it back", async () => {
    await on.admin.query("create schema open; grant usage on schema open to public");
    const inputs = { database: "postgres", role: "public", schema: "open", objectType: "schema", privileges: [] };
    const grant = await on.plugin.create(GRANT, inputs);
    assert.deepEqual([grant.id, grant.state.privileges], ["public_postgres_open_schema", null]);
    assert.deepEqual(await privilegesOn("open", "public"), []);
    await on.plugin.delete(grant);
    assert.deepEqual(await privilegesOn("open", "public"), []);
  });

  it("wait for whoever holds the lock of the grantee", async () => {
    const [, connect] = await createTenant(on, "locked");
    assert.ok(connect);
    await on.admin.query("begin; select pg_advisory_xact_lock('user_locked'::regrole::oid::bigint)");
    const granted = on.plugin.update(connect, connectInputs("locked"));
    await untilWaiting(on, "Lock", "select pg_advisory_xact_lock%pg_roles%");
    await on.admin.query("commit");
    await granted;
  });

  it("on a database wait for whoever holds the lock of the database", async () => {
    const [, connect] = await createTenant(on, "dblocked");
    assert.ok(connect);
    await on.admin.query(
      "begin; select pg_advisory_xact_lock(oid::bigint) from pg_database where datname = current_database()",
    );
    const granted = on.plugin.update(connect, connectInputs("dblocked"));
    await untilWaiting(on, "Lock", "select pg_advisory_xact_lock%pg_database%");
    await on.admin.query("commit");
    await granted;
  });

  it("refuse a privilege that the object has not, when they are made and not before", async () => {
    await on.plugin.create(ROLE, roleInputs("fly"));
    const inputs = { ...connectInputs("fly"), privileges: ["FLY"] };
    await on.plugin.previewCreate(GRANT, inputs);
    await assert.rejects(on.plugin.create(GRANT, inputs), {
      message: "1 error occurred:\n\t* FLY is not an allowed privilege for object type database\n\n",
    });
  });

  it("do not mind the order of privileges; another role or schema is another grant", async () => {
    const [, , , usage] = await createTenant(on, "order");
    assert.ok(usage);
    const inputs = schemaGrantInputs("order", ["USAGE", "CREATE"]);
    assert.equal((await on.plugin.diff(usage, inputs)).changes, false);
    assert.deepEqual(await on.plugin.diff(usage, { ...inputs, role: "user_other" }), {
      changes: true,
      diffs: ["role"],
      replaces: ["role"],
      stables: ["columns", "database", "objectType", "objects", "schema", "withGrantOption"],
      deleteBeforeReplace: false,
      detailedDiff: { role: { kind: "UPDATE_REPLACE" } },
    });
    const fewer = await on.plugin.diff(usage, schemaGrantInputs("order", ["USAGE"]));
    assert.deepEqual([fewer.diffs, fewer.replaces], [["privileges"], []]);
  });

  it("by default reach what the admin makes later, and go with the schema", async () => {
    const [, , schema, , tables] = await createTenant(on, "later");
    assert.ok(schema && tables);
    // The schema is the tenant's: to make a table there the admin has to be a member for a moment.
    await on.admin.query(
      "grant user_later to postgres; create table schema_later.made_later (n int); revoke user_later from postgres",
    );
    const tenant = await session(on.server, "user_later", "later-secret");
    await tenant.query("insert into made_later values (1)");
    await tenant.end();
    await on.plugin.delete(schema);
    assert.equal(await on.plugin.read(tables), undefined);
  });

  it("by default, deleted, give nothing any more", async () => {
    const [, , , , tables] = await createTenant(on, "undefault");
    assert.ok(tables);
    await on.plugin.delete(tables);
    assert.equal(await on.plugin.read(tables), undefined);
    const again = await on.plugin.create(DEFAULT_PRIVILEGES, tableDefaultsInputs("undefault"));
    assert.equal(again.id, "user_undefault_postgres_schema_undefault_postgres_table");
  });

  it("changed by hand are found by a refresh", async () => {
    const [, , , usage] = await createTenant(on, "drift");
    assert.ok(usage);
    await on.admin.query(
      "grant user_drift to postgres; revoke create on schema schema_drift from user_drift; revoke user_drift from postgres",
    );
    const found = await on.plugin.read(usage);
    assert.deepEqual(found?.state.privileges, ["USAGE"]);
    assert.deepEqual(found?.inputs.privileges, ["USAGE"]);
  });
});
