import assert from "node:assert/strict";
import { it } from "node:test";
import { describeHoles, type Hole } from "./leaking-database";

const TABLE = ["select", "insert", "update", "delete", "truncate", "references", "trigger"];

const HOLES: Hole[] = [
  {
    title: "a schema that PUBLIC may use: told once, with what can be called in it",
    seed: [["user_b", "grant usage on schema schema_b to public"]],
    told: [
      "schema: public -> b: schema schema_b",
      "routine: public -> b: routine schema_b.hello(in text)",
      "routine: public -> b: routine schema_b.mine()",
      "routine: public -> b: routine schema_b.total(in numeric)",
      "routine: public -> b: routine schema_b.touched()",
    ],
  },
  {
    title: "a schema that a neighbour may make things in",
    seed: [["user_b", "grant create on schema schema_b to user_a"]],
    told: ["schema: user_a -> b: schema schema_b"],
  },
  {
    title: "a schema that a third role may make things in, also by a grant of the neighbour's who may pass it on",
    seed: [
      ["user_b", "grant create on schema schema_b to user_a with grant option"],
      ["user_a", "grant create on schema schema_b to reporter"],
    ],
    told: ["schema: user_a -> b: schema schema_b", "schema: reporter -> b: schema schema_b"],
  },
  {
    title: "`public` as PostgreSQL makes it",
    seed: [["postgres", "grant usage on schema public to public"]],
    told: ["schema: public -> -: schema public"],
  },
  {
    title: "`public` for one tenant, and another schema for all",
    seed: [
      ["postgres", "grant create on schema public to user_a"],
      ["postgres", "grant usage on schema shared to public"],
    ],
    told: ["schema: user_a -> -: schema public", "schema: public -> -: schema shared"],
  },
  ...TABLE.map((privilege) => ({
    title: `${privilege} on a table, though its schema is closed`,
    seed: [["user_b", `grant ${privilege} on schema_b.products to user_a`] as const],
    told: ["relation: user_a -> b: table schema_b.products"],
  })),
  {
    title: "maintain on a table",
    from: 18,
    seed: [["user_b", "grant maintain on schema_b.products to user_a"]],
    told: ["relation: user_a -> b: table schema_b.products"],
  },
  {
    title: "views, materialized views, partitions and sequences, by whoever has the right to pass on",
    seed: [
      ["user_b", "grant select on schema_b.names to public"],
      ["user_b", "grant select on schema_b.sums to reporter"],
      ["user_b", "grant update on schema_b.days_1 to reporter with grant option"],
      ["user_b", "grant usage on schema schema_b to reporter"],
      ["reporter", "grant update on schema_b.days_1 to user_a"],
      ["user_b", "revoke usage on schema schema_b from reporter"],
      ["user_b", "grant usage on sequence schema_b.loose to user_a"],
    ],
    told: [
      "relation: public -> b: view schema_b.names",
      "relation: reporter -> b: materialized view schema_b.sums",
      "relation: user_a -> b: table schema_b.days_1",
      "relation: reporter -> b: table schema_b.days_1",
      "sequence: user_a -> b: sequence schema_b.loose",
    ],
  },
  {
    title: "a foreign table",
    seed: [
      ["rdsadmin", "create foreign data wrapper wires; create server far foreign data wrapper wires"],
      [
        "rdsadmin",
        "create foreign table schema_b.afar (id int) server far; alter foreign table schema_b.afar owner to user_b",
      ],
      ["user_b", "grant select on schema_b.afar to user_a"],
    ],
    told: [
      "relation: user_a -> b: foreign table schema_b.afar",
      "foreign server: user_b -> -: foreign table schema_b.afar",
    ],
    clear: [["rdsadmin", "drop foreign data wrapper wires cascade"]],
  },
  {
    title: "a schema and a table by way of a role that a tenant was granted",
    seed: [
      ["user_b", "grant usage on schema schema_b to reporter; grant select on schema_b.products to reporter"],
      ["user_b", "revoke execute on all routines in schema schema_b from public"],
      ["postgres", "grant reporter to user_a"],
    ],
    told: [
      "schema: reporter -> b: schema schema_b",
      "relation: reporter -> b: table schema_b.products",
      "membership: user_a -> -: role reporter",
    ],
    clear: [["user_b", "grant execute on all routines in schema schema_b to public"]],
  },
  {
    title: "a table of the admin's in a tenant's schema, which the admin cannot name there",
    seed: [
      ["user_b", "grant create, usage on schema schema_b to postgres"],
      ["postgres", "create table schema_b.kept (id int); grant select on schema_b.kept to reporter"],
      ["user_b", "revoke create, usage on schema schema_b from postgres"],
    ],
    told: ["relation: reporter -> b: table schema_b.kept"],
  },
  {
    title: "columns",
    seed: [["user_b", "grant select (name), update (price) on schema_b.products to user_a"]],
    told: [
      "column: user_a -> b: column name of table schema_b.products",
      "column: user_a -> b: column price of table schema_b.products",
    ],
  },
  {
    title: "a routine, to a role",
    seed: [["user_b", "grant execute on function schema_b.hello(text) to user_a"]],
    told: ["routine: user_a -> b: function schema_b.hello(in text)"],
  },
  {
    title: "types and domains",
    seed: [["user_b", "grant usage on type schema_b.mood to user_a; grant usage on domain schema_b.price to reporter"]],
    told: ["type: user_a -> b: type schema_b.mood", "type: reporter -> b: type schema_b.price"],
  },
  {
    title: "large objects of a tenant's and of the admin's",
    seed: [
      ["user_b", "select lo_create(4711); grant select on large object 4711 to user_a"],
      ["postgres", "select lo_create(4712); grant update on large object 4712 to public"],
    ],
    told: [
      "large object: user_a -> b: large object 4711",
      "large object: public -> -: large object 4712",
      "ownership: user_b -> -: large object 4711",
    ],
  },
  {
    title: "foreign servers and what they are made of",
    seed: [
      ["rdsadmin", "create foreign data wrapper wires; grant usage on foreign data wrapper wires to user_a"],
      ["rdsadmin", "create server far foreign data wrapper wires; grant usage on foreign server far to public"],
    ],
    told: ["foreign server: user_a -> -: foreign-data wrapper wires", "foreign server: public -> -: server far"],
    clear: [["rdsadmin", "drop foreign data wrapper wires cascade"]],
  },
  {
    title: "the database, given back to PUBLIC",
    seed: [["postgres", "grant connect, temporary, create on database postgres to public"]],
    told: ["database: public -> -: database postgres"],
  },
  {
    title: "the database, where nobody has ever taken PUBLIC's rights away",
    seed: [["rdsadmin", "update pg_database set datacl = null where datname = 'postgres'"]],
    told: ["database: public -> -: database postgres"],
    clear: [["postgres", "grant connect on database postgres to user_a, user_b"]],
  },
  {
    title: "temporary tables and schemas of a tenant's",
    seed: [
      ["postgres", "grant temporary on database postgres to user_a; grant create on database postgres to user_b"],
      ["postgres", "grant connect on database postgres to user_b with grant option"],
    ],
    told: ["database: user_a -> -: database postgres", "database: user_b -> -: database postgres"],
  },
  {
    title: "CONNECT that a tenant may pass on, and has; it keeps its own",
    seed: [
      ["postgres", "grant connect on database postgres to user_a with grant option"],
      ["user_a", "grant connect on database postgres to public"],
    ],
    told: ["database: public -> -: database postgres", "database: user_a -> -: database postgres"],
  },
  {
    title: "another database",
    seed: [
      ["postgres", "create database elsewhere"],
      ["postgres", "grant connect on database elsewhere to user_a"],
    ],
    told: ["database: user_a -> -: database elsewhere"],
  },
  {
    title: "parameters",
    seed: [
      ["rdsadmin", "grant set on parameter session_replication_role to user_a"],
      ["rdsadmin", 'grant set, alter system on parameter "my.own" to public'],
    ],
    told: ["parameter: user_a -> -: parameter session_replication_role", "parameter: public -> -: parameter my.own"],
  },
  {
    title: "tablespaces, and languages that may be passed on",
    seed: [
      ["rdsadmin", "grant create on tablespace pg_default to user_a"],
      ["rdsadmin", "grant usage on language plpgsql to user_a with grant option"],
    ],
    told: ["system object: user_a -> -: tablespace pg_default", "system object: user_a -> -: language plpgsql"],
  },
  {
    title: "the server's own tables, columns, functions and schemas",
    seed: [
      ["rdsadmin", "grant select on pg_authid to user_a; grant select (rolpassword) on pg_authid to user_b"],
      ["rdsadmin", "grant select on pg_largeobject to public; grant create on schema pg_catalog to user_a"],
      ["rdsadmin", "grant execute on function pg_read_file(text) to public"],
      ["rdsadmin", "grant execute on function lo_import(text), pg_ls_dir(text) to user_a"],
    ],
    told: [
      "system object: user_a -> -: table pg_catalog.pg_authid",
      "system object: user_b -> -: column rolpassword of table pg_catalog.pg_authid",
      "system object: public -> -: table pg_catalog.pg_largeobject",
      "system object: user_a -> -: schema pg_catalog",
      "system object: public -> -: function pg_catalog.pg_read_file(in text)",
      "system object: user_a -> -: function pg_catalog.lo_import(in text)",
      "system object: user_a -> -: function pg_catalog.pg_ls_dir(in text)",
    ],
  },
];

describeHoles("rights that were granted", HOLES, (database) => {
  it("tenants may still connect, after all that was closed", async () => {
    const { rows } = await database().admin.query(
      "select rolname as role from pg_roles where rolname ~ '^user_' and has_database_privilege(oid, 'postgres', 'connect') order by 1",
    );
    assert.deepEqual(rows, [{ role: "user_a" }, { role: "user_b" }]);
  });
});
