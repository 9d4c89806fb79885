import { escapeLiteral } from "pg";
import { quoteIdentifier } from "../../../database/sql-text";
import type { Check, DatabaseTenant } from "../leak";

/** What a schema holds, of each kind the first one; undefined where it has none. */
export interface SchemaTargets {
  readonly table: string | undefined;
  readonly sequence: string | undefined;
  readonly routine: string | undefined;
}

/** A statement that has to be refused for want of permission. */
export interface Attempt {
  readonly check: Check;
  /** The walls that refuse it, by their names in `OpenWalls`, the outermost first: when one of them is down, it is not tried. */
  readonly walls: readonly [string, ...string[]];
  /** Slug of the tenant that it is directed at; undefined for the server. */
  readonly victim: string | undefined;
  /** Name of the schema that it is directed at; undefined for anything else. */
  readonly schema?: string;
  /** What it is directed at, in the words of a leak. */
  readonly object: string;
  readonly statement: string;
}

/** Attempts to become another role. */
export function becoming(role: string, victim: string | undefined): Attempt[] {
  return roleAttempts(role, victim, [
    ["set role", `set local role ${quoteIdentifier(role)}`],
    ["membership", `grant ${quoteIdentifier(role)} to current_user`],
  ]);
}

/** Attempts to become another role, to act in its name, or to change it. */
export function againstRole(role: string, victim: string | undefined): Attempt[] {
  return [
    ...becoming(role, victim),
    ...roleAttempts(role, victim, [
      ["set role", `set local session authorization ${quoteIdentifier(role)}`],
      ["role attribute", `alter role ${quoteIdentifier(role)} password 'intruder'`],
      ["limit", `alter role ${quoteIdentifier(role)} connection limit 0`],
      ["search path", `alter role ${quoteIdentifier(role)} set search_path = intruder`],
      ["role attribute", `drop role ${quoteIdentifier(role)}`],
      [
        "default privilege",
        `alter default privileges for role ${quoteIdentifier(role)} grant all on tables to current_user`,
      ],
      ["ownership", `reassign owned by ${quoteIdentifier(role)} to current_user`],
      ["ownership", `drop owned by ${quoteIdentifier(role)}`],
    ]),
  ];
}

function roleAttempts(role: string, victim: string | undefined, list: readonly [Check, string][]): Attempt[] {
  return list.map(([check, statement]) => ({
    check,
    walls: [`role ${role}`],
    victim,
    object: `role ${quoteIdentifier(role)}`,
    statement,
  }));
}

/** The name of what a schema has none of: the schema refuses before the server looks whether there is one. */
const ANY = "anything";

/** Never exists: a statement that is permitted to touch the first of its objects fails at this one, before any trigger fires. */
const NOTHING = "pg_catalog.intruder";

/**
 * Attempts on another tenant's schema. The schema has to refuse all of them, before the server looks at what is in it. Should that wall
 * fall at that moment, a query is analysed and not planned, so that no function of an index or a view runs with the attacker's rights;
 * and nothing waits for a lock.
 */
export function againstSchema(
  { slug, schema }: DatabaseTenant,
  { table = ANY, sequence = ANY, routine = ANY }: SchemaTargets,
): Attempt[] {
  const inside = (object: string) => `${quoteIdentifier(schema)}.${quoteIdentifier(object)}`;
  const its = { table: inside(table), sequence: inside(sequence), routine: inside(routine), new: inside("intruder") };
  const walls: Attempt["walls"] = [`schema ${schema}`, `relation ${schema}`];
  const attempts = (check: Check, object: string, statements: readonly string[]): Attempt[] =>
    statements.map((statement) => ({ check, walls, victim: slug, schema, object, statement }));
  return [
    ...attempts("relation", `table ${its.table}`, [
      `prepare attempt as select * from ${its.table}`,
      `prepare attempt as insert into ${its.table} default values`,
      `prepare attempt as update ${its.table} set id = default`,
      `prepare attempt as delete from ${its.table}`,
      `truncate ${its.table}, ${NOTHING}`,
      `lock table ${its.table} in access share mode nowait`,
      `alter table ${its.table} add column intruder int`,
      `alter table ${its.table} owner to current_user`,
      `comment on table ${its.table} is 'intruder'`,
      `drop table ${its.table}, ${NOTHING}`,
    ]),
    ...attempts("sequence", `sequence ${its.sequence}`, [
      `prepare attempt as select nextval(${escapeLiteral(its.sequence)}::regclass)`,
      `alter sequence ${its.sequence} restart`,
    ]),
    ...attempts("routine", `function ${its.routine}`, [`prepare attempt as select ${its.routine}()`]),
    ...attempts("type", `type ${its.table}`, [`prepare attempt as select null::${its.table}`]),
    ...attempts("schema", `schema ${quoteIdentifier(schema)}`, [
      `create table ${its.new} ()`,
      `create view ${its.new} as select 1`,
      `create sequence ${its.new}`,
      `create function ${its.new}() returns int language sql as 'select 1'`,
      `create type ${its.new} as enum ()`,
      `alter schema ${quoteIdentifier(schema)} rename to intruder`,
      `alter schema ${quoteIdentifier(schema)} owner to current_user`,
      `grant usage on schema ${quoteIdentifier(schema)} to current_user`,
    ]),
  ];
}
