import assert from "node:assert/strict";
import { it } from "node:test";
import { majorOf, SINCE } from "../../database/server-version";
import { EXTENSION } from "../conformance/postgres-server";
import { describeHoles, type Hole, told } from "./leaking-database";

/**
 * A function as an extension brings it along that opens connections: closed to everybody by its script. The server records with it what
 * default privileges gave at that moment.
 */
const closedMember = (schema: string, ...byDefault: readonly string[]) => `
  create function ${schema}.connect_u(text) returns text language sql as 'select $1';
  alter extension ${EXTENSION} add function ${schema}.connect_u(text);
  revoke execute on function ${schema}.connect_u(text) from public;
  ${byDefault.map((role) => `grant execute on function ${schema}.connect_u(text) to ${role};`).join(" ")}
  insert into pg_init_privs (objoid, classoid, objsubid, privtype, initprivs)
    select oid, 'pg_proc'::regclass, 0, 'e', proacl from pg_proc where oid = '${schema}.connect_u'::regproc`;

const withoutMember = (schema: string) =>
  `delete from pg_init_privs where objoid = '${schema}.connect_u'::regproc; drop extension ${EXTENSION} cascade`;

const HOLES: Hole[] = [
  {
    title: "a function that an extension's script closes, in a tenant's schema; what everybody may call there is none",
    seed: [
      ["rdsadmin", `create extension ${EXTENSION} schema schema_a; ${closedMember("schema_a")}`],
      ["rdsadmin", "grant execute on all functions in schema schema_a to user_a"],
    ],
    told: ["routine: user_a -> -: function schema_a.connect_u(in text)"],
    clear: [["rdsadmin", withoutMember("schema_a")]],
  },
  {
    title: "such a function, opened by default privileges when the extension was made",
    seed: [
      [
        "rdsadmin",
        `create extension ${EXTENSION} schema schema_a; ${closedMember("schema_a", "user_a", "reporter", "pg_monitor")}`,
      ],
    ],
    told: [
      "routine: user_a -> -: function schema_a.connect_u(in text)",
      "routine: reporter -> a: function schema_a.connect_u(in text)",
    ],
    clear: [["rdsadmin", withoutMember("schema_a")]],
  },
  {
    title: "such a function in a schema that tenants share",
    seed: [
      [
        "rdsadmin",
        `create schema ours; create extension ${EXTENSION} schema ours; ${closedMember("ours", "user_a")};
         grant usage on schema ours to user_a`,
      ],
    ],
    told: ["routine: user_a -> -: function ours.connect_u(in text)"],
    clear: [["rdsadmin", `${withoutMember("ours")}; drop schema ours`]],
  },
  {
    title: "a view of an extension's that was given to a tenant",
    seed: [
      [
        "rdsadmin",
        `create schema ours; create extension ${EXTENSION} schema ours; create view ours.stats as select 1 as one;
         alter extension ${EXTENSION} add view ours.stats; alter view ours.stats owner to user_a; grant usage on schema ours to user_a`,
      ],
    ],
    told: ["ownership: user_a -> -: view ours.stats"],
    clear: [["rdsadmin", `drop extension ${EXTENSION}; drop schema ours`]],
  },
  {
    title: "an extension's schema that may be made things in, may be passed on, or holds something else besides",
    seed: [
      [
        "rdsadmin",
        `create schema ours; create extension ${EXTENSION} schema ours;
         grant usage, create on schema ours to user_a; grant usage on schema ours to user_b with grant option; grant usage on schema ours to public`,
      ],
    ],
    told: ["schema: user_a -> -: schema ours", "schema: user_b -> -: schema ours"],
    clear: [["rdsadmin", "drop schema ours cascade"]],
  },
  {
    title: "an extension's schema with a table besides",
    seed: [
      [
        "rdsadmin",
        `create schema ours; create extension ${EXTENSION} schema ours; create table ours.codes (id int); grant usage on schema ours to user_a`,
      ],
    ],
    told: ["schema: user_a -> -: schema ours"],
    clear: [["rdsadmin", "drop schema ours cascade"]],
  },
  {
    title: "publications of a third role's that take a tenant's schema, and that take everything",
    seed: [
      [
        "rdsadmin",
        `create role publisher superuser; set role publisher; create publication gazette for tables in schema schema_b;
         create publication everything for all tables; reset role; alter role publisher nosuperuser`,
      ],
    ],
    told: [
      "dependency: publisher -> b: schema schema_b in publication gazette",
      "dependency: publisher -> -: publication everything",
    ],
    clear: [
      ["publisher", "drop publication gazette"],
      ["rdsadmin", "drop role publisher"],
    ],
  },
  {
    title: "a publication of a third role's that takes everything but a tenant's table",
    from: 19,
    seed: [
      [
        "rdsadmin",
        `create role publisher superuser; set role publisher;
         create publication almost for all tables except (table schema_b.products), all sequences;
         create publication numbers for all sequences; reset role; alter role publisher nosuperuser`,
      ],
    ],
    told: ["dependency: publisher -> -: publication almost", "dependency: publisher -> -: publication numbers"],
    clear: [["rdsadmin", "drop role publisher"]],
  },
  {
    title: "search paths of routines and of a third role, however they are spelled; what names no tenant is none",
    seed: [
      [
        "rdsadmin",
        `select set_config('search_path', E'\\tSCHEMA_A\\n , public', false); alter role reporter set search_path from current;
         select set_config('search_path', E'\\tSCHEMA_B', false); alter role user_b set search_path from current; reset search_path;
         create role boss superuser; alter role boss set search_path to "SCHEMA_A";
         alter database postgres set search_path to 'schema_a, public';
         create function shared.tool() returns int language sql set search_path = pg_catalog, "schema_b" as 'select 1';
         create function shared.acts() returns int language sql set role = user_a as 'select 1';
         create function schema_b.near() returns int language sql set search_path = schema_a as 'select 1';
         create function schema_b.own() returns int language sql set search_path = schema_b as 'select 1';
         alter function schema_b.near() owner to user_b; alter function schema_b.own() owner to user_b`,
      ],
    ],
    told: [
      "search path: user_a -> -: search_path of role reporter",
      "search path: user_b -> -: search_path of routine shared.tool()",
      "search path: user_a -> -: role of routine shared.acts()",
      "search path: user_a -> b: search_path of routine schema_b.near()",
    ],
    clear: [
      [
        "rdsadmin",
        `drop role boss; alter database postgres reset search_path; drop function shared.tool, shared.acts, schema_b.near, schema_b.own;
         alter role user_b set search_path to schema_b`,
      ],
    ],
  },
  {
    title: "default privileges of a superuser, for a third role in any schema",
    seed: [["rdsadmin", "alter default privileges grant select on tables to reporter"]],
    told: ["default privilege: reporter -> -: tables that rdsadmin makes in any schema"],
  },
];

describeHoles("what is the server's", HOLES, (database) => {
  it("tenants may use an extension's schema, in which nothing else is, and make columns of its types", async () => {
    await database().run([
      [
        "rdsadmin",
        `create schema ours authorization postgres; create extension ${EXTENSION} schema ours; grant usage on schema ours to user_a, user_b, reporter`,
      ],
      ["user_a", `create table schema_a.points (at ours.${EXTENSION})`],
    ]);
    const leaks = await database().leaks();
    await database().run([["rdsadmin", "drop table schema_a.points; drop schema ours cascade"]]);
    assert.deepEqual(leaks.map(told), []);
  });

  it("a search path of the server's configuration is told, and overruled", async () => {
    await database().superuser.query("alter system set search_path to schema_a, public");
    await database().takenUp("search_path", "schema_a, public");
    const leaks = await database().leaks();
    assert.deepEqual(leaks.map(told), ["search path: user_a -> -: search_path of the server"]);
    await database().close(leaks);
    await database().takenUp("search_path", '"$user", public');
    assert.deepEqual(await database().leaks(), []);
    await database().superuser.query("alter system reset search_path");
  });

  it("third roles whose power comes by a group, or by rights on what is the server's, are noted", async () => {
    await database().run([
      [
        "rdsadmin",
        `create role boss superuser; create role readers; grant boss to reporter; grant readers to outsider;
         grant execute on function pg_read_file(text), pg_ls_dir(text) to readers; grant select on pg_statistic, pg_stat_ssl to reporter;
         grant select (rolpassword) on pg_authid to reporter; grant set on parameter session_replication_role to reporter`,
      ],
    ]);
    const { leaks, notes } = await database().look();
    const said = notes.filter(({ sentence }) => !`${sentence}`.includes("template1"));
    const closing = said.flatMap(({ as, statement }) =>
      as === undefined || statement === undefined ? [] : [[as, statement] as const],
    );
    await database().run([...closing, ["rdsadmin", "drop role boss; drop role readers"]]);
    assert.deepEqual(leaks.map(told), []);
    assert.deepEqual(
      said.map(({ sentence }) => `${sentence}`),
      [
        "outsider, which is no tenant, is a member of readers, and so reaches what is every tenant's",
        "reporter, which is no tenant, is a member of boss, and so reaches what is every tenant's",
        "reporter, which is no tenant, may read pg_authid, where the passwords of all roles are",
        "reporter, which is no tenant, has rights on pg_catalog.pg_statistic, which the server keeps from everybody",
        "readers, which is no tenant, may call pg_catalog.pg_ls_dir(pg_catalog.text), pg_catalog.pg_read_file(pg_catalog.text), which the server keeps from everybody",
        "reporter, which is no tenant, may set session_replication_role, which the server keeps from everybody",
      ],
    );
    assert.deepEqual((await database().look()).notes.length, 1);
  });

  it("a third role's membership that gives nothing is not noted, and one that it may administer is", async () => {
    // Before that, no membership has options.
    if ((await majorOf(database().admin)) < SINCE.membershipOptions) return;
    await database().run([
      [
        "rdsadmin",
        `create role boss superuser; grant boss to reporter with inherit false, set false; create role keeper;
         grant keeper to reporter; grant boss to keeper with inherit false, set false, admin true`,
      ],
    ]);
    const administered = (await database().look()).notes;
    await database().run([["rdsadmin", "revoke admin option for boss from keeper"]]);
    const idle = (await database().look()).notes;
    await database().run([["rdsadmin", "drop role boss; drop role keeper"]]);
    const said = administered
      .map(({ sentence }) => `${sentence}`)
      .filter((sentence) => !sentence.includes("template1"));
    assert.deepEqual(said, [
      "keeper, which is no tenant, is a member of boss, and so reaches what is every tenant's",
      "reporter, which is no tenant, is a member of boss, and so reaches what is every tenant's",
    ]);
    assert.deepEqual(idle.length, 1);
  });
});
