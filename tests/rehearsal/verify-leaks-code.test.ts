import assert from "node:assert/strict";
import { it } from "node:test";
import { describeHoles, type Hole, type Seed, told } from "./leaking-database";

/** Something that the admin makes in a tenant's schema, where it has no rights of its own. */
const adminIn = (slug: string, sql: string): Seed => [
  [`user_${slug}`, `grant create, usage on schema schema_${slug} to postgres`],
  ["postgres", sql],
  [`user_${slug}`, `revoke create, usage on schema schema_${slug} from postgres`],
];

const HOLES: Hole[] = [
  {
    title: "tables of the admin's that let the tenant's code in: by a trigger, a foreign key, or one that is there",
    seed: [
      ...adminIn(
        "a",
        `create table schema_a.harmless (id int primary key);
         create table schema_a.referable (id int primary key); grant references on schema_a.referable to user_a;
         create table schema_a.in_part (id int primary key); grant references (id) on schema_a.in_part to user_a;
         create table schema_a.firing (id int); grant trigger on schema_a.firing to user_a;
         create table schema_a.referred (id int primary key); grant references on schema_a.referred to user_a`,
      ),
      ["user_a", "create table schema_a.refers (id int references schema_a.referred)"],
      ...adminIn("a", "revoke references on schema_a.referred from user_a"),
    ],
    told: [
      "relation: user_a -> -: table schema_a.referable",
      "relation: user_a -> -: table schema_a.in_part",
      "relation: user_a -> -: table schema_a.firing",
      "relation: user_a -> -: table schema_a.referred",
    ],
    clear: [
      ["rdsadmin", "drop table schema_a.harmless"],
      [
        "user_a",
        "drop table schema_a.refers, schema_a.referable, schema_a.in_part, schema_a.firing, schema_a.referred",
      ],
    ],
  },
  {
    title: "a table of the admin's elsewhere that a tenant's refers to",
    seed: [
      ["postgres", "grant usage on schema shared to user_a; create table shared.codes (id int primary key)"],
      ["postgres", "grant references on shared.codes to user_a"],
      ["user_a", "create table schema_a.coded (code int references shared.codes)"],
      ["postgres", "revoke references on shared.codes from user_a; revoke usage on schema shared from user_a"],
    ],
    told: ["dependency: user_a -> -: table constraint coded_code_fkey on schema_a.coded"],
    clear: [
      ["user_a", "drop table schema_a.coded"],
      ["postgres", "drop table shared.codes"],
    ],
  },
  {
    title: "what the admin has in a tenant's schema runs the tenant's code",
    seed: [
      [
        "user_a",
        `create function schema_a.plain(int) returns int immutable language sql as 'select 1';
         create domain schema_a.checked as int check (schema_a.plain(value) > 0);
         create function schema_a.gap(int, int) returns float8 immutable language sql as 'select 1.0::float8';
         create type schema_a.span as range (subtype = int, subtype_diff = schema_a.gap)`,
      ],
      ...adminIn(
        "a",
        `create table schema_a.indexed (id int); create index by_plain on schema_a.indexed (schema_a.plain(id));
         create table schema_a.limited (id int, constraint fine check (schema_a.plain(id) > 0));
         create table schema_a.filled (id int default schema_a.plain(1));
         create table schema_a.made (id int, twice int generated always as (schema_a.plain(id)) stored);
         create materialized view schema_a.kept as select schema_a.plain(1);
         create table schema_a.typed (id schema_a.checked, during schema_a.span, how schema_a.mood);
         create table schema_a.guarded (id int); create policy own on schema_a.guarded using (schema_a.plain(id) > 0);
         create table schema_a.harmless (how schema_a.mood);
         create view schema_a.shown as select schema_a.plain(1); grant select on schema_a.shown to user_a;
         create statistics schema_a.counted on (schema_a.plain(id)), (id + 1) from schema_a.indexed;
         create function schema_a.wrapped() returns int language sql begin atomic select schema_a.plain(1); end`,
      ),
      ["user_a", "create view schema_a.pane as select 1 as one; grant select on schema_a.pane to postgres"],
      ...adminIn("a", "create materialized view schema_a.photo as select one from schema_a.pane"),
    ],
    told: [
      'dependency: user_a -> -: rule "_RETURN" on schema_a.shown',
      "relation: user_a -> -: view schema_a.shown",
      "dependency: user_a -> -: statistics object schema_a.counted",
      "dependency: user_a -> -: function schema_a.wrapped()",
      'dependency: user_a -> -: rule "_RETURN" on schema_a.photo',
      "dependency: user_a -> -: index schema_a.by_plain",
      "dependency: user_a -> -: table constraint fine on schema_a.limited",
      "dependency: user_a -> -: default value for schema_a.filled.id",
      "dependency: user_a -> -: default value for schema_a.made.twice",
      'dependency: user_a -> -: rule "_RETURN" on schema_a.kept',
      "dependency: user_a -> -: table schema_a.typed",
      "dependency: user_a -> -: policy own on schema_a.guarded",
    ],
    clear: [
      ["rdsadmin", "drop table schema_a.harmless"],
      [
        "user_a",
        `drop materialized view schema_a.kept, schema_a.photo; drop view schema_a.shown, schema_a.pane;
         drop table schema_a.indexed, schema_a.limited, schema_a.filled, schema_a.made, schema_a.typed, schema_a.guarded;
         drop type schema_a.span; drop function schema_a.gap; drop domain schema_a.checked; drop function schema_a.plain`,
      ],
    ],
  },
  {
    title:
      "a view of the admin's elsewhere that shows a tenant's view, and one that shows its table, which runs nothing",
    seed: [
      [
        "user_b",
        "grant usage on schema schema_b to postgres; grant select on schema_b.names, schema_b.products to postgres",
      ],
      [
        "postgres",
        "create view shared.indirect as select * from schema_b.names; create view shared.direct as select name from schema_b.products",
      ],
      ["user_b", "revoke usage on schema schema_b from postgres"],
    ],
    told: ['dependency: user_b -> -: rule "_RETURN" on shared.indirect'],
    clear: [["postgres", "drop view shared.direct"]],
  },
  {
    title: "roles that only have a name like RDS's own",
    seed: [
      ["rdsadmin", "create role rds_fake login; create role rds_iam"],
      ["user_a", "grant usage on schema schema_a to rds_fake; grant select on schema_a.products to rds_iam"],
      ["user_a", "revoke execute on all routines in schema schema_a from public"],
      ["rdsadmin", "grant user_a to rds_iam"],
    ],
    told: [
      "schema: rds_fake -> a: schema schema_a",
      "relation: rds_iam -> a: table schema_a.products",
      "membership: rds_iam -> a: role user_a",
    ],
    clear: [
      ["rdsadmin", "drop role rds_fake; drop role rds_iam"],
      ["user_a", "grant execute on all routines in schema schema_a to public"],
    ],
  },
  {
    title: "what was made in the server's own schemas",
    seed: [
      [
        "rdsadmin",
        `create function pg_catalog.peek() returns text language sql security definer as 'select current_user::text';
         create view information_schema.insight as select * from schema_b.products;
         grant select on information_schema.insight to public`,
      ],
    ],
    told: [
      "routine: public -> -: routine pg_catalog.peek()",
      "system object: public -> -: view information_schema.insight",
    ],
    clear: [["rdsadmin", "drop function pg_catalog.peek(); drop view information_schema.insight"]],
  },
  {
    title: "domains with a check of another's",
    seed: [
      ["user_b", "create function schema_b.fine(int) returns bool language sql as 'select true'"],
      ["user_b", "grant usage on schema schema_b to user_a, postgres"],
      ["user_a", "create domain schema_a.age as int constraint fine check (schema_b.fine(value))"],
      ["postgres", "create domain shared.age as int check (schema_b.fine(value))"],
      ["user_b", "revoke usage on schema schema_b from user_a, postgres"],
    ],
    told: [
      "dependency: user_b -> a: domain constraint fine on schema_a.age",
      "dependency: user_b -> -: domain constraint age_check on shared.age",
    ],
    clear: [
      ["user_a", "drop domain schema_a.age"],
      ["postgres", "drop domain shared.age"],
      ["user_b", "drop function schema_b.fine"],
    ],
  },
  {
    title: "casts, foreign data wrappers and operator classes with a tenant's functions",
    seed: [
      [
        "user_b",
        `create function schema_b.as_inet(int) returns inet language sql as $$ select '1.1.1.1'::inet $$;
         create function schema_b.valid(text[], oid) returns void language plpgsql as 'begin end';
         create function schema_b.sorted(int, int) returns int immutable language sql as 'select 0';
         create function schema_b.below(int, inet) returns bool immutable language sql as 'select true';
         create operator schema_b.<< (function = schema_b.below, leftarg = int, rightarg = inet)`,
      ],
      [
        "rdsadmin",
        `create cast (int as inet) with function schema_b.as_inet(int);
         create foreign data wrapper wires validator schema_b.valid;
         create operator class schema_a.mine for type int using btree as operator 3 =, function 1 schema_b.sorted(int, int);
         alter operator class schema_a.mine using btree owner to user_a;
         create operator family shared.loose using btree;
         alter operator family shared.loose using btree add operator 1 schema_b.<< (int, inet)`,
      ],
    ],
    told: [
      "dependency: user_b -> -: cast (integer AS pg_catalog.inet)",
      "dependency: user_b -> -: foreign-data wrapper wires",
      "dependency: user_b -> a: function of access method function 1 (integer, integer) of schema_a.mine USING btree",
      "dependency: user_b -> -: operator of access method operator 1 (integer, pg_catalog.inet) of shared.loose USING btree",
    ],
    clear: [
      [
        "rdsadmin",
        `drop foreign data wrapper wires; drop operator family schema_a.mine using btree;
         drop operator family shared.loose using btree`,
      ],
      [
        "user_b",
        `drop operator schema_b.<< (int, inet); drop function schema_b.below; drop function schema_b.as_inet;
         drop function schema_b.valid; drop function schema_b.sorted`,
      ],
    ],
  },
  {
    title: "a foreign data wrapper that connects with a tenant's function, and a tenant's subscription by its server",
    from: 19,
    seed: [
      [
        "rdsadmin",
        `create extension postgres_fdw;
         create function schema_b.wire(oid, oid, internal) returns text language c as '$libdir/postgres_fdw', 'postgres_fdw_connection';
         alter function schema_b.wire(oid, oid, internal) owner to user_b;
         create foreign data wrapper wires connection schema_b.wire;
         create server far foreign data wrapper postgres_fdw; grant usage on foreign server far to user_a;
         create user mapping for user_a server far options (user 'x', password 'x');
         create subscription paper server far publication p with (connect = false, slot_name = none);
         alter subscription paper owner to user_a`,
      ],
    ],
    told: [
      "dependency: user_b -> -: foreign-data wrapper wires",
      "foreign server: user_a -> -: server far",
      "foreign server: user_a -> -: user mapping for user_a on server far",
      "ownership: user_a -> -: subscription paper",
      "routine: user_b -> -: routine schema_b.wire(in oid, in oid, in internal)",
    ],
    clear: [
      ["rdsadmin", "drop subscription paper; drop extension postgres_fdw cascade; drop foreign data wrapper wires"],
    ],
  },
  {
    title: "languages that everybody may write the server's code in",
    seed: [["rdsadmin", "update pg_language set lanpltrusted = true where lanname in ('internal', 'c')"]],
    told: ["system object: public -> -: language internal", "system object: public -> -: language c"],
  },
  {
    title: "settings that make others look names up in a tenant's schema, or act as the tenant",
    seed: [
      ["postgres", "alter role postgres set search_path to schema_a, public"],
      ["postgres", "alter role postgres in database postgres set role to user_b"],
      ["postgres", `alter database postgres set search_path to public, "schema_b"`],
      ["rdsadmin", "alter role all set search_path to schema_a; alter role rdsadmin set search_path to SCHEMA_A"],
    ],
    told: [
      "search path: user_a -> -: search_path of role postgres",
      "search path: user_b -> -: role of role postgres in database postgres",
      "search path: user_b -> -: search_path of database postgres",
      "search path: user_a -> -: search_path of all roles",
      "search path: user_a -> -: search_path of role rdsadmin",
    ],
  },
  {
    title: "foreign tables in tenants' schemas",
    seed: [
      [
        "rdsadmin",
        `create foreign data wrapper wires; create server far foreign data wrapper wires;
         create foreign table schema_a.afar (id int) server far; alter foreign table schema_a.afar owner to user_a;
         create foreign table schema_a.away (id int) server far; alter foreign table schema_a.away owner to postgres`,
      ],
    ],
    told: [
      "foreign server: user_a -> -: foreign table schema_a.afar",
      "foreign server: user_a -> -: foreign table schema_a.away",
    ],
    clear: [["rdsadmin", "drop foreign data wrapper wires cascade"]],
  },
  {
    title: "tables of a tenant's that others' rows go to",
    seed: [
      ["postgres", "create table shared.parts (id int) partition by list (id); create table shared.base (id int)"],
      ["rdsadmin", "create table schema_a.part partition of shared.parts for values in (1)"],
      ["rdsadmin", "create table schema_a.heir () inherits (shared.base)"],
      ["rdsadmin", "alter table schema_a.part owner to user_a; alter table schema_a.heir owner to user_a"],
    ],
    told: ["dependency: user_a -> -: table schema_a.part", "dependency: user_a -> -: table schema_a.heir"],
    clear: [
      ["user_a", "drop table schema_a.part, schema_a.heir"],
      ["postgres", "drop table shared.parts, shared.base"],
    ],
  },
];

describeHoles("whose code runs with whose rights", HOLES, (database) => {
  it("a tenant's own search path may name the server's schema too", async () => {
    await database().run([["user_a", "alter role user_a set search_path to schema_a, pg_catalog"]]);
    assert.deepEqual((await database().leaks()).map(told), []);
  });

  it("the admin's own routine in a schema of the admin's own, which no tenant may use, is noted", async () => {
    await database().run([
      ["postgres", "create function shared.boss() returns int language sql security definer as 'select 1'"],
    ]);
    const { leaks, notes } = await database().look();
    assert.deepEqual(leaks.map(told), []);
    assert.match(
      notes.map(({ sentence }) => sentence).join("\n"),
      /routine shared\.boss\(\) runs with the rights of postgres/,
    );
    await database().run([["postgres", "grant usage on schema shared to user_a"]]);
    assert.deepEqual((await database().leaks()).map(told), [
      "schema: user_a -> -: schema shared",
      "routine: public -> -: routine shared.boss()",
    ]);
    await database().run([["postgres", "revoke usage on schema shared from user_a; drop function shared.boss()"]]);
  });

  it("what the admin has made that reads or writes a tenant's table is noted, with what drops it", async () => {
    await database().run([
      ["user_a", "grant usage on schema schema_a to postgres; grant select, insert on schema_a.products to postgres"],
      ["rdsadmin", "create schema archive authorization postgres"],
      [
        "postgres",
        "create view archive.seen as select name from schema_a.products; create table archive.log (name text)",
      ],
      [
        "postgres",
        "create rule fan as on insert to archive.log do also insert into schema_a.products (name) values (new.name)",
      ],
      [
        "postgres",
        "create function archive.put() returns void language sql begin atomic insert into schema_a.products (name) values ('x'); end",
      ],
    ]);
    const { leaks, notes } = await database().look();
    assert.deepEqual(leaks.map(told), []);
    const readers = notes.filter(({ sentence }) => `${sentence}`.includes(" uses tables of "));
    assert.deepEqual(
      readers.map(({ sentence, statement, as }) => [`${sentence}`.replace(/, and so .*/, ""), statement, as]),
      [
        ["function archive.put() uses tables of a", "drop routine archive.put()", "postgres"],
        ["rule fan on archive.log uses tables of a", "drop rule fan on archive.log", "postgres"],
        ["view archive.seen uses tables of a", "drop view archive.seen", "postgres"],
      ],
    );
    await database().run(readers.map(({ statement }) => ["postgres", statement ?? ""] as const));
    assert.ok(!(await database().look()).notes.some(({ sentence }) => `${sentence}`.includes(" uses tables of ")));
    await database().run([
      ["rdsadmin", "drop schema archive cascade"],
      [
        "user_a",
        "revoke usage on schema schema_a from postgres; revoke select, insert on schema_a.products from postgres",
      ],
    ]);
  });

  it("third roles that reach everything, and what a tenant has left behind, are noted", async () => {
    await database().run([
      ["rdsadmin", "create role operator login superuser; create role copier login replication; create role relay"],
      ["rdsadmin", "grant pg_read_all_data to relay; grant relay to reporter; grant select on pg_authid to reporter"],
      ["rdsadmin", "create role user_gone login; alter database postgres owner to reporter"],
      ["rdsadmin", "grant connect on database postgres to postgres, user_a, user_b"],
    ]);
    const { leaks, notes } = await database().look();
    await database().run([
      ["rdsadmin", "alter database postgres owner to postgres; revoke select on pg_authid from reporter"],
      ["rdsadmin", "drop role operator; drop role copier; drop role relay; drop role user_gone"],
    ]);
    assert.deepEqual(leaks.map(told), []);
    const said = notes.map(({ sentence }) => `${sentence}`).filter((sentence) => !sentence.includes("template1"));
    assert.deepEqual(said, [
      "relay, which is no tenant, is a member of pg_read_all_data, and so reaches what is every tenant's",
      "reporter, which is no tenant, is a member of pg_read_all_data, and so reaches what is every tenant's",
      "copier, which is no tenant, has the attribute REPLICATION, and so reaches what is every tenant's",
      "operator, which is no tenant, has the attribute SUPERUSER, and so reaches what is every tenant's",
      "reporter, which is no tenant, may read pg_authid, where the passwords of all roles are",
      "reporter, which is no tenant, owns database postgres, and so decides who may connect",
      "user_gone can log in, and there is no such tenant: neither a schema nor a file",
    ]);
  });

  it("whoever grants thousands of things is told of, and the rest by its number", async () => {
    await database().run([
      [
        "user_b",
        `do $$ begin for i in 1..1205 loop
           execute format('create function schema_b.f%s(int) returns int language sql as ''select 1''', i);
           execute format('grant execute on function schema_b.f%s(int) to user_a', i); end loop; end $$`,
      ],
      ["postgres", "grant user_b to reporter"],
    ]);
    const leaks = await database().leaks();
    await database().run([
      [
        "user_b",
        "do $$ begin for i in 1..1205 loop execute format('drop function schema_b.f%s(int)', i); end loop; end $$",
      ],
      ["postgres", "revoke user_b from reporter"],
    ]);
    const rest = leaks.filter(({ object }) => object.endsWith(" and 205 more"));
    assert.deepEqual([leaks.length, rest.length], [1001, 1]);
    assert.ok(leaks.map(told).includes("membership: reporter -> b: role user_b"));
  });

  it("a locked system view holds nothing up", async () => {
    const holder = database().superuser;
    await holder.query("begin; lock table pg_catalog.pg_settings in access exclusive mode");
    try {
      assert.deepEqual((await database().leaks()).map(told), []);
    } finally {
      await holder.query("rollback");
    }
  });
});
