import { escapeLiteral as literal } from "pg";
import type { Check, TenantPlace } from "../leak";
import { quoted } from "../quoted";
import type { Attempt } from "./attempt";
import type { SchemaTargets } from "./targets";

/** For what a schema has none of: it refuses before anybody looks whether there is one. */
const ANY = "anything";

/** Is never there: a statement that comes past the permissions of what stands before it ends here, with no trigger fired. */
const NOTHING = "pg_catalog.intruder";

/**
 * What an attacker would do in another tenant's schema. All of it has to be refused by the schema, before the server looks at what
 * is in it. Should that wall fall just then, a query is analysed and not planned, so no index's or view's function runs with the
 * attacker's rights; and nothing waits for a lock.
 */
export function againstSchema(
  { slug, schema }: TenantPlace,
  { table = ANY, sequence = ANY, routine = ANY }: SchemaTargets,
): Attempt[] {
  const inside = (object: string) => `${quoted(schema)}.${quoted(object)}`;
  const its = { table: inside(table), sequence: inside(sequence), routine: inside(routine), new: inside("intruder") };
  const seen = (kind: string, object: string) => `${kind} ${quoted(schema)}.${quoted(object)}`;
  const walls: Attempt["walls"] = [`schema ${schema}`, `relation ${schema}`];
  const attempts = (check: Check, object: string, statements: readonly string[]): Attempt[] =>
    statements.map((statement) => ({ check, walls, victim: slug, schema, object, statement }));
  return [
    ...attempts("relation", seen("table", table), [
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
    ...attempts("sequence", seen("sequence", sequence), [
      `prepare attempt as select nextval(${literal(its.sequence)}::regclass)`,
      `alter sequence ${its.sequence} restart`,
    ]),
    ...attempts("routine", seen("function", routine), [`prepare attempt as select ${its.routine}()`]),
    ...attempts("type", seen("type", table), [`prepare attempt as select null::${its.table}`]),
    ...attempts("schema", `schema ${quoted(schema)}`, [
      `create table ${its.new} ()`,
      `create view ${its.new} as select 1`,
      `create sequence ${its.new}`,
      `create function ${its.new}() returns int language sql as 'select 1'`,
      `create type ${its.new} as enum ()`,
      `alter schema ${quoted(schema)} rename to intruder`,
      `alter schema ${quoted(schema)} owner to current_user`,
      `grant usage on schema ${quoted(schema)} to current_user`,
    ]),
  ];
}
