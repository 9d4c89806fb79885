/**
 * SQL for a row with `type`, `schema`, `name` and `identity` of an object, as of `pg_identify_object`: the identity is quoted by the
 * server, and under a search path of `pg_catalog` qualified too.
 *
 * A routine has `in` before each of its arguments' types, so that `routine` finds that one alone. Without, PostgreSQL also looks
 * for a procedure whose OUT arguments are of these types; what `pg_get_function_identity_arguments` writes lacks it for functions,
 * and has an ORDER BY for some aggregates, which `routine` does not take.
 *
 * @param classid SQL for the catalog of the object.
 * @param objid SQL for its oid.
 */
export function identified(classid: string, objid: string): string {
  return `lateral (
    select type, schema, name, case when ${classid} = 'pg_proc'::regclass then (
        select format('%I.%I(%s)', nspname, proname, (
            select string_agg('in ' || format_type(argument, null), ', ' order by position)
              from unnest(proargtypes) with ordinality as given(argument, position)))
          from pg_proc join pg_namespace on pg_namespace.oid = pronamespace where pg_proc.oid = ${objid})
      else identity end as identity
      from pg_identify_object(${classid}, ${objid}, 0))`;
}
