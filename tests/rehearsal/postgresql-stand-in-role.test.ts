import assert from "node:assert/strict";
import { it } from "node:test";
import { session } from "../conformance/postgres-server";
import { describeOnEachMajor, ROLE, roleInputs, SCHEMA, schemaInputs } from "../conformance/postgres-tenant";

describeOnEachMajor("a stand-in role", (on) => {
  async function membersOf(role: string): Promise<string[]> {
    const { rows } = await on.admin.query(
      "select member::regrole::text as name from pg_auth_members where roleid = $1::regrole and set_option",
      [role],
    );
    return rows.map(({ name }) => name);
  }

  async function exists(role: string): Promise<boolean> {
    return (await on.admin.query("select from pg_roles where rolname = $1", [role])).rowCount === 1;
  }

  it("logs in with its password, search path, limit and timeouts", async () => {
    const settings = { connectionLimit: 3, statementTimeout: 30000, idleInTransactionSessionTimeout: 60000 };
    await on.plugin.create(ROLE, roleInputs("settings", settings));
    const tenant = await session(on.server, "user_settings", "settings-secret");
    const { rows } = await tenant.query(
      `select current_setting('search_path') as path, current_setting('statement_timeout') as statement,
              current_setting('idle_in_transaction_session_timeout') as idle, rolconnlimit as connections
         from pg_roles where rolname = current_user`,
    );
    await tenant.end();
    assert.deepEqual(rows, [{ path: "schema_settings", statement: "30s", idle: "1min", connections: 3 }]);
  });

  it("cannot be created twice", async () => {
    await on.plugin.create(ROLE, roleInputs("twice"));
    await assert.rejects(on.plugin.create(ROLE, roleInputs("twice")), {
      message:
        '1 error occurred:\n\t* error creating role user_twice: pq: role "user_twice" already exists (42710)\n\n',
    });
  });

  it("with a backslash in its password gets another password", async () => {
    await on.plugin.create(ROLE, roleInputs("backslash", { password: "a\\b" }));
    await assert.rejects(session(on.server, "user_backslash", "a\\b"), /password authentication failed/);
    await (await session(on.server, "user_backslash", "a\\\\b")).end();
  });

  it("takes a name full of SQL for a name", async () => {
    const name = `x"; drop role postgres; -- ' \\`;
    const role = await on.plugin.create(ROLE, roleInputs("x", { name }));
    assert.equal(role.id, name);
    await on.plugin.delete(role);
    assert.equal(await exists(name), false);
    assert.equal(await exists("postgres"), true);
  });

  it("loses, at every update, the memberships that others gave it", async () => {
    await on.admin.query("create role team nologin");
    const role = await on.plugin.create(ROLE, roleInputs("member"));
    await on.admin.query("grant team to user_member");
    assert.deepEqual(await membersOf("team"), ["user_member"]);
    await on.plugin.update(role, roleInputs("member", { connectionLimit: 5 }));
    assert.deepEqual(await membersOf("team"), []);
  });

  it("keeps, at every update, the memberships that it asks for itself", async () => {
    await on.admin.query("create role crew nologin");
    const role = await on.plugin.create(ROLE, roleInputs("asked", { roles: ["crew"] }));
    const updated = await on.plugin.update(role, roleInputs("asked", { roles: ["crew"], connectionLimit: 5 }));
    assert.deepEqual(await membersOf("crew"), ["user_asked"]);
    assert.deepEqual([updated.state.roles, updated.state.connectionLimit], [["crew"], 5]);
  });

  it("is changed in each attribute that differs, and in no other", async () => {
    const role = await on.plugin.create(ROLE, roleInputs("changes", { statementTimeout: 1000 }));
    await on.admin.query("alter role user_changes set work_mem to '8MB'");
    const wanted = roleInputs("changes", { login: false, createDatabase: true, searchPaths: [] });
    const updated = await on.plugin.update(role, wanted);
    assert.deepEqual(
      [updated.state.login, updated.state.createDatabase, updated.state.statementTimeout, updated.state.searchPaths],
      [false, true, 0, null],
    );
    const { rows } = await on.admin.query("select rolconfig from pg_roles where rolname = 'user_changes'");
    assert.deepEqual(rows, [{ rolconfig: ["work_mem=8MB"] }]);
  });

  it("gives what it owned to the admin when it is deleted, loses its privileges, and may have a session open", async () => {
    const role = await on.plugin.create(ROLE, roleInputs("leaver"));
    await on.plugin.create(SCHEMA, schemaInputs("leaver"));
    await on.admin.query("create schema shared; grant create on schema shared to user_leaver");
    const tenant = await session(on.server, "user_leaver", "leaver-secret");
    await tenant.query("create table kept (n int)");

    await on.plugin.delete(role);

    await tenant.end();
    assert.equal(await exists("user_leaver"), false);
    const { rows } = await on.admin.query("select tableowner from pg_tables where schemaname = 'schema_leaver'");
    assert.deepEqual(rows, [{ tableowner: "postgres" }]);
  });

  it("made by hand is imported as it is, and then updated, password included", async () => {
    await on.admin.query("create role user_byhand login; alter role user_byhand set search_path to schema_byhand");
    const imported = await on.plugin.import(ROLE, "user_byhand");
    assert.ok(imported);
    assert.deepEqual(imported.inputs, {
      __defaults: [],
      login: true,
      name: "user_byhand",
      searchPaths: ["schema_byhand"],
    });
    assert.equal((await on.plugin.diff(imported, roleInputs("byhand"))).changes, true);
    await on.plugin.update(imported, roleInputs("byhand"));
    await (await session(on.server, "user_byhand", "byhand-secret")).end();
  });

  it("with a timeout set by hand in another unit than milliseconds cannot be read", async () => {
    await on.admin.query("create role user_unit; alter role user_unit set statement_timeout to '30s'");
    await assert.rejects(on.plugin.import(ROLE, "user_unit"), /error reading statement_timeout: .*"30s"/);
  });

  it("that is gone reads as gone", async () => {
    const role = await on.plugin.create(ROLE, roleInputs("gone"));
    await on.admin.query("drop role user_gone");
    assert.equal(await on.plugin.read(role), undefined);
  });
});
