import type { Client } from "pg";

/** An object as `pg_identify_object` names it: the identity is quoted by the server, and qualified. */
export interface Identified {
  /** For example `materialized view`. */
  readonly type: string;
  readonly identity: string;
  readonly oid: string;
}

const ROUTINES = `
  select pg_proc.oid::text, format('%I.%I(%s)', nspname, proname, (
           select string_agg('in ' || format_type(argument, null), ', ' order by position)
             from unnest(proargtypes) with ordinality as given(argument, position))) as identity
    from pg_proc join pg_namespace on pg_namespace.oid = pronamespace where pg_proc.oid = any ($1)`;

/**
 * The same rows, where the identity of a routine has `in` before each of its arguments' types, so that `routine` finds that one alone.
 * Without it, PostgreSQL also looks for a procedure whose OUT arguments are of these types; `pg_get_function_identity_arguments` leaves it
 * out for functions, and has an ORDER BY for some aggregates, which `routine` does not take.
 *
 * @param client Its search path is `pg_catalog`, so that types of other schemas are qualified.
 */
export async function withRoutineArguments<Row extends Partial<Identified>>(
  client: Client,
  rows: readonly Row[],
): Promise<Row[]> {
  const oids = rows.filter(isRoutine).map(({ oid }) => oid);
  if (oids.length === 0) return [...rows];
  const { rows: routines } = await client.query<{ oid: string; identity: string }>(ROUTINES, [oids]);
  const identities = new Map(routines.map(({ oid, identity }) => [oid, identity]));
  return rows.map((row) =>
    isRoutine(row) ? { ...row, identity: identities.get(row.oid ?? "") ?? row.identity } : row,
  );
}

function isRoutine({ type = "" }: Partial<Identified>): boolean {
  return /^(function|procedure|aggregate)$/.test(type);
}

/** The word that `alter` and `drop` take for what the catalog calls a type of object. */
export function alterKeyword(type: string): string {
  if (isRoutine({ type })) return "routine";
  return type === "statistics object" ? "statistics" : type.replace("-", " ");
}

/** Whether objects of a type hold no rows, and can be dropped by themselves; `alterKeyword` has the word for `drop` too. */
export function holdsNoRows(type: string): boolean {
  return isRoutine({ type }) || /^(trigger|rule|policy|index|operator|cast|statistics object)$/.test(type);
}
