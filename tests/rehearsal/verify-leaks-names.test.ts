import assert from "node:assert/strict";
import { it } from "node:test";
import { escapeIdentifier } from "pg";
import { quoteIdentifier } from "../../database/sql-text";
import { triedMajors } from "../conformance/postgres-server";
import { describeHoles, type Hole } from "./leaking-database";
import { HOSTILE } from "./rich-schema";

const name = escapeIdentifier(HOSTILE);
/** Since PostgreSQL 19, no role and no database has a name of several lines. */
const SERVER_WIDE = triedMajors([18]).some((major) => major >= 19) ? HOSTILE.replaceAll("\n", "\t") : HOSTILE;
const databaseName = escapeIdentifier(SERVER_WIDE);
/** Roles are of the whole server, and other tests count them. */
const someoneRaw = `some ${SERVER_WIDE}`;
const someone = escapeIdentifier(someoneRaw);

const HOLES: Hole[] = [
  {
    title: "rights by and for whoever has such a name, on what has such a name",
    seed: [
      ["rdsadmin", `create role ${someone}; create schema ${name} authorization ${someone}`],
      [
        "user_b",
        `create table schema_b.${name} (${name} int); create sequence schema_b.${escapeIdentifier(`seq ${HOSTILE}`)};
         create type schema_b.${escapeIdentifier(`type ${HOSTILE}`)} as enum ('x');
         create function schema_b.${name}(${name} schema_b.${name}) returns int language sql as 'select 1';
         grant select, insert on schema_b.${name} to ${someone} with grant option;
         grant select (${name}) on schema_b.${name} to user_a;
         grant usage on type schema_b.${escapeIdentifier(`type ${HOSTILE}`)} to ${someone};
         grant usage on sequence schema_b.${escapeIdentifier(`seq ${HOSTILE}`)} to user_a;
         grant execute on function schema_b.${name}(schema_b.${name}) to ${someone}`,
      ],
      [someoneRaw, `grant usage on schema ${name} to user_a`],
      ["rdsadmin", `alter default privileges for role ${someone} in schema ${name} grant select on tables to user_a`],
      ["rdsadmin", `grant ${someone} to user_a`],
      ["user_a", `create table schema_a.${name} (id int)`],
      ["rdsadmin", `alter table schema_a.${name} owner to ${someone}`],
    ],
    told: [
      `relation: ${someoneRaw} -> b: table schema_b.${name}`,
      `column: user_a -> b: column ${name} of table schema_b.${name}`,
      `type: ${someoneRaw} -> b: type schema_b.${escapeIdentifier(`type ${HOSTILE}`)}`,
      `sequence: user_a -> b: sequence schema_b.${escapeIdentifier(`seq ${HOSTILE}`)}`,
      `routine: ${someoneRaw} -> b: function schema_b.${name}(in schema_b.${name})`,
      `schema: user_a -> -: schema ${name}`,
      `default privilege: user_a -> -: tables that ${someone} makes in schema ${name}`,
      `membership: user_a -> -: role ${someone}`,
      `ownership: ${someoneRaw} -> a: table schema_a.${name}`,
    ],
    clear: [["user_a", `drop table schema_a.${name}`]],
  },
  {
    title: "dependencies, ownership, databases, foreign servers and parameters of such names",
    seed: [
      [
        "rdsadmin",
        `create foreign data wrapper ${name}; create server ${name} foreign data wrapper ${name};
         create user mapping for user_a server ${name}; grant usage on foreign server ${name} to user_b;
         grant usage on foreign data wrapper ${name} to user_b`,
      ],
      ["rdsadmin", `create database ${databaseName}`],
      ["rdsadmin", `grant temporary on database ${databaseName} to user_a`],
      [
        "rdsadmin",
        `create function schema_b.${escapeIdentifier(`on ${HOSTILE}`)}() returns trigger language plpgsql as 'begin return new; end';
         alter function schema_b.${escapeIdentifier(`on ${HOSTILE}`)}() owner to user_b;
         create trigger ${name} after insert on schema_a.products for each row
           execute function schema_b.${escapeIdentifier(`on ${HOSTILE}`)}();
         create table ${name}.${name} (id int); alter table ${name}.${name} owner to user_a;
         create publication ${name}; alter publication ${name} owner to user_a`,
      ],
    ],
    told: [
      `foreign server: user_b -> -: foreign-data wrapper ${name}`,
      `foreign server: user_b -> -: server ${name}`,
      `foreign server: user_a -> -: user mapping for user_a on server ${name}`,
      `database: user_a -> -: database ${databaseName}`,
      `dependency: user_b -> a: trigger ${name} on schema_a.products`,
      `ownership: user_a -> -: table ${name}.${name}`,
      `ownership: user_a -> -: publication ${name}`,
    ],
    clear: [["rdsadmin", `drop database ${databaseName}`]],
  },
];

describeHoles("names that end a statement", HOLES, (database) => {
  it("are quoted as the server quotes them, and so are those that it takes for something else", async () => {
    const { rows } = await database().superuser.query<{ name: string; quoted: string }>(
      `select name, quote_ident(name) as quoted
         from (select word from pg_get_keywords() where catcode <> 'U' union all select unnest($1::text[])) as of (name)`,
      [[HOSTILE, "user_acme", "_1", "1_", "Upper", "naïve", "with space", "a$b", "", "postgres", "public"]],
    );
    assert.ok(rows.length > 150);
    assert.deepEqual(
      rows.map(({ name }) => quoteIdentifier(name)),
      rows.map((row) => row.quoted),
    );
  });
});
