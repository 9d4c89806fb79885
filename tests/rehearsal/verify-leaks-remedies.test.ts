import assert from "node:assert/strict";
import { it } from "node:test";
import { majorOf } from "../../database/server-version";
import { describeHoles, type Hole, type Seed, told } from "./leaking-database";

const CODE_OF_B: Seed[number] = [
  "user_b",
  "create function schema_b.one(int) returns int immutable language sql as 'select 1'",
];

/** Each is closed by other statements than it seems to take, by the server's major or by what else is there. */
const HOLES: Hole[] = [
  {
    title: "a view of the admin's in a tenant's schema, which reads with the admin's rights",
    seed: [
      ...adminIn("create view schema_a.live as select 1 as one; grant select on schema_a.live to user_a"),
      ["user_a", "create view schema_a.upon as select one from schema_a.live"],
    ],
    told: ["relation: user_a -> -: view schema_a.live"],
    clear: [["user_a", "drop view schema_a.upon, schema_a.live"]],
  },
  {
    title: "such a view of a neighbour's rows, which is dropped for those",
    seed: [
      ["user_b", "grant usage on schema schema_b to postgres; grant select on schema_b.products to postgres"],
      ...adminIn(
        "create view schema_a.live as select name from schema_b.products; grant select on schema_a.live to user_a",
      ),
      ["user_b", "revoke usage on schema schema_b from postgres; revoke select on schema_b.products from postgres"],
    ],
    told: ['dependency: user_a -> b: rule "_RETURN" on schema_a.live', "relation: user_a -> -: view schema_a.live"],
  },
  {
    title:
      "exclusion constraints with a neighbour's function or a third role's, and one of the admin's with a tenant's",
    seed: [
      CODE_OF_B,
      ...reports("create function reports.one(int) returns int immutable language sql as 'select 1'"),
      [
        "rdsadmin",
        `create table schema_a.held (id int, exclude using btree (id with =) where (schema_b.one(id) = 1),
           constraint "by Reporter" exclude using btree (id with =) where (reports.one(id) = 1));
         alter table schema_a.held owner to user_a`,
      ],
      ["postgres", "create table shared.held (id int)"],
      ["rdsadmin", "alter table shared.held add exclude using btree (id with =) where (schema_b.one(id) = 1)"],
    ],
    told: [
      "dependency: user_b -> a: index schema_a.held_id_excl",
      'dependency: reporter -> a: index schema_a."by Reporter"',
      "dependency: user_b -> -: index shared.held_id_excl",
    ],
    clear: [
      ["user_a", "drop table schema_a.held"],
      ["postgres", "drop table shared.held"],
      ["rdsadmin", "drop function schema_b.one cascade; drop schema reports cascade"],
    ],
  },
  {
    title: "rules with another's function on tables that others use",
    seed: [
      CODE_OF_B,
      ...reports("create function reports.one(int) returns int immutable language sql as 'select 1'"),
      ["user_b", "grant usage on schema schema_b to user_a"],
      [
        "rdsadmin",
        `create rule noted as on update to schema_a.products where schema_b.one(old.id) = 1 do instead nothing;
         create rule "Told" as on delete to schema_a.names where reports.one(1) = 2 do instead nothing`,
      ],
      ["user_b", "revoke usage on schema schema_b from user_a"],
      ["postgres", "create table shared.noted (id int); create view shared.upon as select * from shared.noted"],
      ["rdsadmin", "create rule noted as on update to shared.noted do also select schema_b.one(1)"],
    ],
    told: [
      "dependency: user_b -> a: rule noted on schema_a.products",
      'dependency: reporter -> a: rule "Told" on schema_a.names',
      "dependency: user_b -> -: rule noted on shared.noted",
    ],
    clear: [
      ["postgres", "drop table shared.noted cascade"],
      ["rdsadmin", "drop function schema_b.one cascade; drop schema reports cascade"],
    ],
  },
  {
    title: "generated columns with another's functions, each told",
    from: 15,
    seed: [
      ...reports(
        `create function reports.two(int) returns int immutable language sql as 'select 2';
         create function reports.three(int) returns int immutable language sql as 'select 3'; create type reports.plain as (n int);
         create function reports.fine(int) returns bool language sql as 'select true';
         create domain reports.checked as int check (reports.fine(value))`,
      ),
      [
        "rdsadmin",
        `create table schema_a.made (id int, twice int generated always as (reports.two(id)) stored, "Three" int generated always as
           (reports.three(id)) stored, mail reports.checked);
         alter table schema_a.made owner to user_a`,
      ],
    ],
    told: [
      'dependency: reporter -> a: default value for schema_a.made."Three"',
      "dependency: reporter -> a: default value for schema_a.made.twice",
      "dependency: reporter -> a: table schema_a.made",
    ],
    clear: [
      ["user_a", "drop table schema_a.made"],
      ["rdsadmin", "drop schema reports cascade"],
    ],
  },
  {
    title:
      "routines and operators with arguments of a third role's types, and columns of its domains, in a schema that is closed",
    seed: [
      ...reports(
        `create function reports.gap(int, int) returns float8 immutable language sql as 'select 1.0::float8';
         create type reports.span as range (subtype = int, subtype_diff = reports.gap);
         create function reports.fine(text) returns bool language sql as 'select true';
         create domain reports.email as text check (reports.fine(value)); create type reports.pair as (mail reports.email, n int);
         create domain reports.paired as reports.pair; create domain reports.spans as reports.span; create type reports.mood as enum ('x');
         create function reports.good(reports.mood) returns bool language sql as 'select true';
         create domain reports.bright as reports.mood check (reports.good(value))`,
      ),
      [
        "rdsadmin",
        `create function schema_a.long(reports.span, schema_a.price, reports.span[]) returns int language sql as 'select 1';
         create function shared.both_(reports.span, reports.span) returns bool language sql as 'select true';
         create operator schema_a.<+> (function = shared.both_, leftarg = reports.span, rightarg = reports.span);
         create table schema_a.typed (id int, pair reports.paired, span reports.spans, mood reports.bright, mail reports.email);
         alter function schema_a.long owner to user_a;
         alter operator schema_a.<+> (reports.span, reports.span) owner to user_a; alter table schema_a.typed owner to user_a;
         insert into schema_a.typed values (1, row ('a', 2), '[1,2)', 'x', 'b')`,
      ],
    ],
    told: [
      "dependency: reporter -> a: function schema_a.long(in reports.span, in schema_a.price, in reports.span[])",
      "dependency: reporter -> a: operator schema_a.<+>(reports.span,reports.span)",
      "dependency: reporter -> a: table schema_a.typed",
    ],
    clear: [
      ["user_a", "drop table schema_a.typed"],
      ["rdsadmin", "drop schema reports cascade"],
    ],
  },
  {
    title: "a tenant's partition, and a table of its that inherits, where the admin may not use the parent's schema",
    seed: [
      [
        "rdsadmin",
        `create schema archive; create table archive.log (id int) partition by list (id); create table archive.base (id int);
         create table schema_a.part partition of archive.log for values in (1); create table schema_a.heir () inherits (archive.base);
         alter table archive.log owner to postgres; alter table archive.base owner to postgres;
         alter table schema_a.part owner to user_a; alter table schema_a.heir owner to user_a;
         create schema reports authorization reporter; create table reports.log (id int) partition by list (id);
         create table schema_a.part_2 partition of reports.log for values in (2); create role lodger;
         alter table reports.log owner to lodger; alter table schema_a.part_2 owner to user_a`,
      ],
    ],
    told: [
      "dependency: user_a -> -: table schema_a.part",
      "dependency: user_a -> -: table schema_a.heir",
      "dependency: user_a -> -: table schema_a.part_2",
    ],
    clear: [
      ["user_a", "drop table schema_a.part, schema_a.heir, schema_a.part_2"],
      ["rdsadmin", "drop schema archive cascade; drop schema reports cascade; drop role lodger"],
    ],
  },
  {
    title:
      "a third role's partition of a tenant's table with an index by the tenant's function: cut loose before the index is dropped",
    seed: [
      [
        "user_a",
        `create function schema_a.key(text) returns text immutable language plpgsql as 'begin return $1; end';
         create table schema_a.log (id int, what text) partition by range (id); create index on schema_a.log (schema_a.key(what))`,
      ],
      [
        "rdsadmin",
        `create schema archive authorization reporter; create table archive.log_1 partition of schema_a.log for values from (1) to (9);
         alter table archive.log_1 owner to reporter`,
      ],
    ],
    told: ["dependency: reporter -> a: table archive.log_1", "dependency: user_a -> -: index archive.log_1_key_idx"],
    clear: [["rdsadmin", "drop schema archive cascade; drop table schema_a.log; drop function schema_a.key"]],
  },
];

describeHoles(
  "what takes a statement of its own",
  HOLES,
  (database) => {
    it("tells without a statement of a generated column that the server keeps bound to what generated it", async () => {
      await database().run([
        CODE_OF_B,
        [
          "rdsadmin",
          `create table schema_a.made (id int, "Twice" int generated always as (schema_b.one(id)) stored);
           alter table schema_a.made owner to user_a; alter table schema_a.made alter column "Twice" drop expression`,
        ],
      ]);
      const leaks = await database().leaks();
      await database().run([["rdsadmin", "drop table schema_a.made; drop function schema_b.one"]]);
      const hint =
        'it uses function schema_b.one(in integer), with which the server drops "Twice", generated or no longer: ' +
        "copy the values into another column, and drop that one";
      const said = leaks.map((leak) => [told(leak), leak.closes, `${leak.hint}`]);
      const older = (await majorOf(database().admin)) < 15;
      assert.deepEqual(said, older ? [["dependency: user_b -> a: table schema_a.made", [], hint]] : []);
    });
    it("tells without a statement of a routine that something else is made of", async () => {
      await database().run([
        ...reports("create domain reports.plain as int"),
        [
          "rdsadmin",
          `create function schema_a.used(reports.plain) returns int language sql as 'select 1';
           alter function schema_a.used owner to user_a; create table shared.made (id int default schema_a.used(1))`,
        ],
      ]);
      const leaks = await database().leaks();
      await database().run([
        ["rdsadmin", "drop table shared.made; drop function schema_a.used; drop schema reports cascade"],
      ]);
      const routine = leaks.find(({ object }) => object === "function schema_a.used(in reports.plain)");
      assert.deepEqual(routine?.closes, []);
    });
  },
  [14, 18],
);

/** A schema of the third role's, with code of its own. */
function reports(sql: string): Seed {
  return [
    ["rdsadmin", "create schema reports authorization reporter"],
    ["reporter", sql],
  ];
}

/** Something that the admin makes in the schema of tenant a, where it has no rights of its own. */
function adminIn(sql: string): Seed {
  return [
    ["user_a", "grant create, usage on schema schema_a to postgres"],
    ["postgres", sql],
    ["user_a", "revoke create, usage on schema schema_a from postgres"],
  ];
}
