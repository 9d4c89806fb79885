import assert from "node:assert/strict";
import { it } from "node:test";
import type { TenantDatabaseSpec, TenantSpec } from "../../domain/tenant-spec";
import { describeHoles, type Hole, told } from "./leaking-database";

const ATTRIBUTES = ["superuser", "createrole", "createdb", "replication", "bypassrls"];

const HOLES: Hole[] = [
  ...ATTRIBUTES.map((attribute) => ({
    title: `a tenant with ${attribute}`,
    seed: [["rdsadmin", `alter role user_a ${attribute}`] as const],
    told: [`role attribute: user_a -> -: attribute ${attribute.toUpperCase()} of role user_a`],
  })),
  {
    title: "a tenant in a neighbour's role, as it was forgotten",
    seed: [["postgres", "grant user_b to user_a"]],
    told: ["membership: user_a -> b: role user_b"],
  },
  {
    title: "memberships that can be used only in part, and one that was passed on",
    seed: [
      ["postgres", "grant user_b to user_a with inherit false, set false, admin true"],
      ["user_a", "grant user_b to reporter with inherit true, set false"],
      ["postgres", "grant user_b to reporter with set true, inherit false"],
    ],
    told: ["membership: user_a -> b: role user_b", "membership: reporter -> b: role user_b"],
  },
  {
    title: "a second login that may do more than its tenant's role, or is another's",
    seed: [
      [
        "postgres",
        "create role user2_a login; grant user_a to user2_a; alter role user2_a set search_path to schema_a",
      ],
      ["user_b", "grant usage on schema schema_b to user2_a"],
      ["postgres", "grant user2_a to user_b"],
    ],
    told: [
      "schema: user2_a -> b: schema schema_b",
      ...["hello(in text)", "mine()", "total(in numeric)", "touched()"].map(
        (routine) => `routine: user2_a -> b: routine schema_b.${routine}`,
      ),
      "membership: user_b -> a: role user2_a",
    ],
    clear: [["postgres", "drop role user2_a"]],
  },
  {
    title: "a tenant in roles of the server's own, of RDS's and of the admin's",
    seed: [
      ["rdsadmin", "grant pg_read_all_data to user_a; grant rds_superuser to user_b with inherit false"],
      ["rdsadmin", "grant pg_monitor to user_b with set false; create role boss; grant boss to user_a"],
      ["postgres", "grant reporter to user_a"],
    ],
    told: [
      "membership: user_a -> -: role pg_read_all_data",
      "membership: user_b -> -: role rds_superuser",
      "membership: user_b -> -: role pg_monitor",
      "membership: user_a -> -: role boss",
      "membership: user_a -> -: role reporter",
    ],
  },
  {
    title: "default privileges of the admin, a tenant and a third role, in a schema or in any",
    seed: [
      ["postgres", "alter default privileges in schema schema_b grant select on tables to user_a"],
      ["postgres", "alter default privileges in schema schema_b grant usage on sequences to public"],
      ["postgres", "alter default privileges grant select on tables to reporter"],
      ["postgres", "alter default privileges grant execute on functions to user_a"],
      ["postgres", "alter default privileges in schema shared grant select on tables to public"],
      ["user_b", "alter default privileges grant insert on tables to user_a"],
      ["user_b", "alter default privileges in schema schema_b grant usage on types to reporter"],
      ["user_b", "alter default privileges grant usage on schemas to public"],
      ["rdsadmin", "alter default privileges in schema schema_b grant all on tables to reporter"],
    ],
    told: [
      "default privilege: user_a -> b: tables that postgres makes in schema schema_b",
      "default privilege: public -> b: sequences that postgres makes in schema schema_b",
      "default privilege: reporter -> -: tables that postgres makes in any schema",
      "default privilege: user_a -> -: routines that postgres makes in any schema",
      "default privilege: public -> -: tables that postgres makes in schema shared",
      "default privilege: user_a -> b: tables that user_b makes in any schema",
      "default privilege: reporter -> b: types that user_b makes in schema schema_b",
      "default privilege: public -> b: schemas that user_b makes in any schema",
      "default privilege: reporter -> b: tables that rdsadmin makes in schema schema_b",
    ],
  },
  {
    title: "default privileges on large objects",
    from: 18,
    seed: [["user_b", "alter default privileges grant select on large objects to user_a"]],
    told: ["default privilege: user_a -> b: large objects that user_b makes in any schema"],
  },
  {
    title: "a search path that goes further, by the tenant's own hand",
    seed: [["user_a", "alter role user_a set search_path to schema_a, public"]],
    told: ["search path: user_a -> -: search_path of role user_a"],
  },
  {
    title: "no search path of the role's own: the database's or the server's counts",
    seed: [
      ["postgres", "alter role user_a reset search_path"],
      ["postgres", "alter database postgres set search_path to public"],
    ],
    told: ["search path: user_a -> -: search_path of role user_a"],
    clear: [["postgres", "alter database postgres reset search_path"]],
  },
  {
    title: "a search path of the role in this database, which counts more",
    seed: [["user_a", "alter role user_a in database postgres set search_path to schema_b"]],
    told: ["search path: user_a -> -: search_path of role user_a"],
  },
  {
    title: "large objects for all, by a setting of the database, of all roles and of one",
    seed: [
      ["rdsadmin", "alter database postgres set lo_compat_privileges to on"],
      ["rdsadmin", "alter role all set lo_compat_privileges to true"],
      ["rdsadmin", "alter role user_a set lo_compat_privileges to on"],
    ],
    told: [
      "large object: public -> -: setting lo_compat_privileges",
      "large object: public -> -: setting lo_compat_privileges",
      "large object: user_a -> -: setting lo_compat_privileges",
    ],
  },
];

const declared = (slug: string, spec: Partial<TenantDatabaseSpec> = {}) =>
  ({
    slug,
    database: { connectionLimit: 10, statementTimeout: 30_000, idleInTransactionTimeout: 0, ...spec },
  }) as TenantSpec;

describeHoles("what a role is", HOLES, (database) => {
  /** What is found, and then closed as it says. */
  async function found(specs: readonly TenantSpec[]): Promise<string[]> {
    const leaks = await database().leaks(specs);
    await database().close(leaks);
    assert.deepEqual((await database().leaks(specs)).map(told), []);
    return leaks.map(told);
  }

  it("limits are those of the file, however they were written", async () => {
    await database().run([["user_a", "alter role user_a set statement_timeout to '0.5min'"]]);
    assert.deepEqual(await found([declared("a"), declared("b")]), []);
  });

  it("limits were raised by hand, or by the tenant itself", async () => {
    await database().run([
      ["postgres", "alter role user_a connection limit 50"],
      ["user_a", "alter role user_a set statement_timeout to '10min'"],
      ["user_a", "alter role user_a in database postgres set idle_in_transaction_session_timeout to 5"],
      ["postgres", "alter role user_b connection limit -1"],
      ["user_b", "alter role user_b reset statement_timeout"],
    ]);
    assert.deepEqual(await found([declared("a"), declared("b")]), [
      "limit: user_a -> -: connection limit of role user_a: 50, not 10",
      "limit: user_a -> -: statement_timeout of role user_a: 10min, not 30s",
      "limit: user_a -> -: idle_in_transaction_session_timeout of role user_a: 5ms, not 0",
      "limit: user_b -> -: connection limit of role user_b: none, not 10",
      "limit: user_b -> -: statement_timeout of role user_b: none, not 30s",
    ]);
  });

  it("limits are lowered, and lifted, as the file says", async () => {
    const specs = [declared("a", { statementTimeout: 0, idleInTransactionTimeout: 60_000, connectionLimit: 5 })];
    assert.equal((await found(specs)).length, 3);
    assert.equal((await found([declared("a")])).length, 3);
  });

  it("limits are not asked for where no file of the stack says any", async () => {
    await database().run([["postgres", "alter role user_a connection limit 50"]]);
    assert.deepEqual(await found([declared("b")]), []);
  });

  it("what every login may do by default in other databases, and third roles that reach everything, are noted", async () => {
    await database().run([["rdsadmin", "grant pg_read_all_data, rds_superuser to reporter"]]);
    const { leaks, notes } = await database().look();
    assert.deepEqual(leaks, []);
    assert.deepEqual(
      notes.map(({ sentence }) => `${sentence}`),
      [
        "every login of the server may connect to database template1, as PostgreSQL has it by default",
        "reporter, which is no tenant, is a member of pg_read_all_data, and so reaches what is every tenant's",
        "reporter, which is no tenant, is a member of rds_superuser, and so reaches what is every tenant's",
      ],
    );
    // Only who owns a database may close it.
    const [{ as, statement } = { as: undefined, statement: undefined }] = notes;
    await database().run([[as ?? "", statement ?? ""]]);
    assert.equal((await database().look()).notes.length, 2);
  });

  it("large objects are open to all by a setting of the server's", async () => {
    await database().superuser.query("alter system set lo_compat_privileges to on");
    await database().takenUp("lo_compat_privileges", "on");
    const leaks = await database().leaks();
    assert.deepEqual(leaks.map(told), ["large object: public -> -: setting lo_compat_privileges"]);
    await database().close(leaks);
    await database().takenUp("lo_compat_privileges", "off");
    assert.deepEqual(await database().leaks(), []);
    await database().superuser.query("alter system reset all");
  });
});
