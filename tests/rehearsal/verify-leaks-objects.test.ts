import assert from "node:assert/strict";
import { it } from "node:test";
import { whatKeepsRole } from "../../database/offboarding/rights-elsewhere";
import { describeHoles, type Hole, type Seed, told } from "./leaking-database";

/** One who has been given a neighbour's schema for a while. */
const insideB = (as: string, sql: string): Seed => [
  ["user_b", `grant create, usage on schema schema_b to ${as}`],
  [as, sql],
  ["user_b", `revoke create, usage on schema schema_b from ${as}`],
];

const HOLES: Hole[] = [
  {
    title: "what a neighbour or a third role owns in a tenant's schema",
    seed: [
      ...insideB(
        "user_a",
        `create table schema_b.shop (id serial primary key);
         create function schema_b.trap() returns text language sql security definer as 'select current_user::text';
         create type schema_b.kind as enum ('x')`,
      ),
      ...insideB("reporter", "create view schema_b.report as select 1 as one; create sequence schema_b.numbers"),
    ],
    told: [
      "ownership: user_a -> b: table schema_b.shop",
      "ownership: user_a -> b: function schema_b.trap()",
      "ownership: user_a -> b: type schema_b.kind",
      "ownership: reporter -> b: view schema_b.report",
      "ownership: reporter -> b: sequence schema_b.numbers",
    ],
    clear: [
      [
        "user_b",
        `drop table schema_b.shop; drop function schema_b.trap(); drop type schema_b.kind; drop view schema_b.report;
         drop sequence schema_b.numbers`,
      ],
    ],
  },
  {
    title: "a tenant's schema that belongs to a neighbour",
    seed: [["rdsadmin", "alter schema schema_b owner to user_a"]],
    told: ["ownership: user_a -> b: schema schema_b"],
  },
  {
    title: "what a tenant owns outside its schema, of many kinds",
    seed: [
      ["postgres", "grant create, usage on schema shared to user_a; grant create on database postgres to user_a"],
      [
        "user_a",
        `create table shared.shop (id serial primary key);
         create function shared.f(in a int, out b int) language sql as 'select 1';
         create procedure shared.p() language sql as 'select 1';
         create type shared.kind as enum ('x'); create domain shared.positive as int check (value > 0);
         create view shared.seen as select 1 as one; create materialized view shared.kept as select 1 as one;
         create operator shared.=== (function = texteq, leftarg = text, rightarg = text);
         create collation shared.plain from "C";
         create schema hideout create table hidden (id int);
         create publication news for table schema_a.products;
         select lo_create(4711), lo_create(4712), lo_create(4713)`,
      ],
      [
        "rdsadmin",
        "create foreign data wrapper wires; create server far foreign data wrapper wires; alter server far owner to user_a",
      ],
      ["postgres", "revoke create, usage on schema shared from user_a; revoke create on database postgres from user_a"],
      ["rdsadmin", "create database mine owner user_a"],
      [
        "rdsadmin",
        `create subscription paper connection 'dbname=x password=x' publication p with (connect = false, slot_name = none);
         alter subscription paper owner to user_a`,
      ],
    ],
    told: [
      "ownership: user_a -> -: table shared.shop",
      "ownership: user_a -> -: function shared.f(in integer)",
      "ownership: user_a -> -: procedure shared.p()",
      "ownership: user_a -> -: type shared.kind",
      "ownership: user_a -> -: type shared.positive",
      "ownership: user_a -> -: view shared.seen",
      "ownership: user_a -> -: materialized view shared.kept",
      "ownership: user_a -> -: operator shared.===(pg_catalog.text,pg_catalog.text)",
      "ownership: user_a -> -: collation shared.plain",
      "ownership: user_a -> -: schema hideout",
      "ownership: user_a -> -: table hideout.hidden",
      "ownership: user_a -> -: publication news",
      "ownership: user_a -> -: large object 4711 and 2 more",
      "ownership: user_a -> -: server far",
      "ownership: user_a -> -: subscription paper",
      "ownership: user_a -> -: database mine",
    ],
    clear: [
      ["rdsadmin", "drop database mine"],
      ["rdsadmin", "drop subscription paper"],
      ["rdsadmin", "drop foreign data wrapper wires cascade"],
    ],
  },
  {
    title: "a large object of a tenant's that the admin is a member of, as the guide makes it: it stays a member",
    seed: [
      ["postgres", "grant user_a to postgres"],
      ["user_a", "select lo_create(4714)"],
    ],
    told: ["ownership: user_a -> -: large object 4714"],
    clear: [["postgres", "set role user_a; reset role; revoke user_a from postgres"]],
  },
  {
    title: "what a neighbour's code is run by, and what else reaches into another's schema",
    seed: [
      ["user_b", "grant usage on schema schema_b to user_a; grant references, select on schema_b.products to user_a"],
      [
        "user_a",
        `create table schema_a.holes (id serial primary key, product int references schema_b.products, what text default schema_b.hello('x'),
           sort schema_b.mood, check (schema_b.hello(what) <> ''));
         create trigger spy after insert on schema_a.holes for each row execute function schema_b.touched();
         create view schema_a.theirs as select * from schema_b.products;
         create policy p on schema_a.holes using (schema_b.hello(what) is not null)`,
      ],
      [
        "user_b",
        "revoke usage on schema schema_b from user_a; revoke references, select on schema_b.products from user_a",
      ],
    ],
    told: [
      "dependency: user_a -> b: table constraint holes_product_fkey on schema_a.holes",
      "dependency: user_b -> a: table constraint holes_what_check on schema_a.holes",
      "dependency: user_b -> a: default value for schema_a.holes.what",
      "dependency: user_b -> a: trigger spy on schema_a.holes",
      "dependency: user_b -> a: policy p on schema_a.holes",
      'dependency: user_a -> b: rule "_RETURN" on schema_a.theirs',
      "dependency: user_a -> b: table schema_a.holes",
    ],
    clear: [["user_a", "drop table schema_a.holes"]],
  },
  {
    title: "a third role's code that a tenant's table runs",
    seed: [
      ["rdsadmin", "create schema reports authorization reporter"],
      ["reporter", "create function reports.spy() returns trigger language plpgsql as 'begin return new; end'"],
      ["reporter", "grant usage on schema reports to user_a"],
      ["user_a", "create trigger spied before insert on schema_a.products for each row execute function reports.spy()"],
    ],
    told: ["schema: user_a -> -: schema reports", "dependency: reporter -> a: trigger spied on schema_a.products"],
    clear: [["reporter", "drop schema reports cascade"]],
  },
  {
    title: "a table that inherits from a neighbour's, and one that is a partition of a neighbour's",
    seed: [
      [
        "rdsadmin",
        "create table schema_a.heir () inherits (schema_b.products); alter table schema_a.heir owner to user_a",
      ],
      [
        "rdsadmin",
        `create table schema_a.days_2 partition of schema_b.days for values from ('2027-01-01') to ('2028-01-01');
         alter table schema_a.days_2 owner to user_a`,
      ],
    ],
    told: [
      "dependency: user_a -> b: table schema_a.heir",
      "dependency: user_a -> b: default value for schema_a.heir.id",
      "dependency: user_a -> b: table schema_a.days_2",
    ],
    clear: [["user_a", "drop table schema_a.heir, schema_a.days_2"]],
  },
  {
    title: "a tenant's code that runs with the rights of the admin or of everybody",
    seed: [
      ["user_b", "grant usage on schema schema_b to postgres"],
      [
        "postgres",
        `create table shared.log (id int);
         create trigger spied after insert on shared.log for each row execute function schema_b.touched()`,
      ],
      ["user_b", "revoke usage on schema schema_b from postgres"],
      ["user_b", "create function schema_b.on_ddl() returns event_trigger language plpgsql as 'begin end'"],
      ["rdsadmin", "create event trigger watched on ddl_command_end execute function schema_b.on_ddl()"],
    ],
    told: ["dependency: user_b -> -: trigger spied on shared.log", "dependency: user_b -> -: event trigger watched"],
    clear: [
      ["postgres", "drop table shared.log"],
      ["user_b", "drop function schema_b.on_ddl()"],
    ],
  },
  {
    title: "routines that run as the admin or a superuser",
    seed: [
      ...insideB(
        "postgres",
        "create function schema_b.boss() returns text language sql security definer as 'select current_user::text'",
      ),
      ["postgres", "create procedure shared.all_of_you() language sql security definer as ''"],
      ["postgres", "grant usage on schema shared to user_a"],
      [
        "rdsadmin",
        "create function public.root(a int, a2 text) returns int language sql security definer as 'select 1'",
      ],
    ],
    told: [
      "routine: user_b -> -: routine schema_b.boss()",
      "schema: user_a -> -: schema shared",
      "routine: public -> -: routine shared.all_of_you()",
      "routine: public -> -: routine public.root(in integer, in text)",
    ],
    clear: [
      ["user_b", "drop function schema_b.boss()"],
      ["postgres", "drop procedure shared.all_of_you()"],
      ["rdsadmin", "drop function public.root(int, text)"],
    ],
  },
  {
    title: "views that read as the admin, and tables of the admin's with rules",
    seed: insideB(
      "postgres",
      `create view schema_b.insight as select rolname from pg_roles;
       create view schema_b.harmless with (security_invoker = on) as select 1 as one;
       create table schema_b.plain (id int);
       create table schema_b.ruled (id int);
       create rule r as on insert to schema_b.ruled do also select 1;
       create table schema_b.trapped (id int); grant trigger on schema_b.trapped to user_b`,
    ).concat([
      [
        "user_b",
        "create trigger trap before insert on schema_b.trapped for each row execute function schema_b.touched()",
      ],
    ]),
    told: [
      "relation: user_b -> -: view schema_b.insight",
      "relation: user_b -> -: table schema_b.ruled",
      "relation: user_b -> -: table schema_b.trapped",
    ],
    clear: [
      [
        "user_b",
        "drop view schema_b.insight, schema_b.harmless; drop table schema_b.plain, schema_b.ruled, schema_b.trapped",
      ],
    ],
  },
  {
    title: "a publication of a third role's with a tenant's table",
    seed: [
      [
        "rdsadmin",
        "create publication gazette for table schema_b.products; alter publication gazette owner to reporter",
      ],
    ],
    told: ["dependency: reporter -> b: publication relation schema_b.products in publication gazette"],
    clear: [["reporter", "drop publication gazette"]],
  },
  {
    title: "policies that name a tenant's role on the tables of others, which hold up that tenant's removal",
    seed: [
      [
        "user_b",
        `create table schema_b.notes (id int, who text); alter table schema_b.notes enable row level security;
         create policy "only ""A""" on schema_b.notes for select to user_a using (true);
         create policy own on schema_b.notes to user_b using (true)`,
      ],
      ["rdsadmin", "create schema reports authorization reporter"],
      [
        "reporter",
        "create table reports.lines (id int); create policy several on reports.lines as restrictive to user_b, reporter, user_a, outsider using (true)",
      ],
      ["user_a", "create policy own on schema_a.products to user_a using (name <> '')"],
      [
        "rdsadmin",
        `create policy mixed on schema_b.notes to user_b, user_a using (schema_a.hello(who) <> '');
         create table schema_b.by_admin (id int); create policy shut on schema_b.by_admin to user_a, user_b;
         alter table schema_b.by_admin owner to postgres;
         create table shared.lines (id int); create policy all_ on shared.lines to public;
         create policy by_admin on shared.lines to user_a; alter table shared.lines owner to postgres`,
      ],
    ],
    told: [
      'dependency: user_b -> a: policy "only ""A""" on schema_b.notes',
      "dependency: user_b -> a: policy mixed on schema_b.notes",
      "dependency: user_a -> b: policy mixed on schema_b.notes",
      "dependency: user_b -> a: policy shut on schema_b.by_admin",
      "dependency: reporter -> a: policy several on reports.lines",
      "dependency: reporter -> b: policy several on reports.lines",
      "dependency: postgres -> a: policy by_admin on shared.lines",
    ],
    clear: [
      [
        "rdsadmin",
        "drop table schema_b.notes, schema_b.by_admin, shared.lines; drop schema reports cascade; drop policy own on schema_a.products",
      ],
    ],
  },
  {
    title: "logins on another server",
    seed: [
      ["rdsadmin", "create foreign data wrapper wires; create server far foreign data wrapper wires"],
      ["rdsadmin", "create user mapping for user_a server far; create user mapping for public server far"],
      ["rdsadmin", "create user mapping for reporter server far"],
    ],
    told: [
      "foreign server: user_a -> -: user mapping for user_a on server far",
      "foreign server: public -> -: user mapping for public on server far",
    ],
    clear: [["rdsadmin", "drop foreign data wrapper wires cascade"]],
  },
];

describeHoles("what is whose", HOLES, (database) => {
  it("a tenant owns something in another database, which only a session there can take away", async () => {
    await database().runIn("template1", "user_a", "select lo_create(1), lo_create(2)");
    const [leak, ...more] = await database().leaks();
    assert.deepEqual(more, []);
    assert.equal(leak && told(leak), "ownership: user_a -> -: 2 objects in database template1");
    assert.deepEqual(leak?.closes, []);
    assert.match(String(leak?.hint), /in database template1, .* drop owned by user_a$/);
    await database().runIn("template1", "user_a", `${leak?.statement}; drop owned by user_a`);
    assert.deepEqual(await database().leaks(), []);
  });

  it("a policy that names a tenant is left as it was for all others, and keeps the tenant from being removed no more", async () => {
    const kept = () => whatKeepsRole(database().admin, "schema_a", "user_a");
    await database().run([
      [
        "user_b",
        `create table schema_b.notes (id int); create policy named on schema_b.notes to user_a;
         create policy several on schema_b.notes to reporter, user_a, user_b`,
      ],
    ]);
    assert.match(
      (await kept()).join(),
      /named in policy named on table schema_b.notes, policy several on table schema_b.notes/,
    );
    await database().close(await database().leaks());
    assert.deepEqual(await kept(), []);
    const { rows } = await database().admin.query(
      "select polname as policy, array(select pg_get_userbyid(role)::text from unnest(polroles) as role order by 1) as roles from pg_policy",
    );
    await database().run([["user_b", "drop table schema_b.notes"]]);
    assert.deepEqual(rows, [{ policy: "several", roles: ["reporter", "user_b"] }]);
  });
});
