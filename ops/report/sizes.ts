import { LimitReached, type Read } from "./reading-session";

/** What a tenant's schema holds, as far as the server's statistics know without reading a table. Sizes in bytes. */
export interface SchemaSize {
  readonly schema: string;
  readonly total: number;
  readonly tables: number;
  readonly indexes: number;
  readonly toast: number;
  /** Tables, partitions and materialised views. */
  readonly tableCount: number;
  /** Estimates. */
  readonly rows: number;
  readonly deadRows: number;
  /** The newest of all its tables. */
  readonly lastVacuum: Maintenance | null;
  readonly lastAnalyze: Maintenance | null;
  /** Tables that are not in the sizes, because somebody holds or awaits an exclusive lock on them. */
  readonly lockedTables: number;
  readonly biggest: readonly TableSize[];
}

export interface Maintenance {
  /** ISO 8601. */
  readonly at: string;
  /** Whether autovacuum did it. */
  readonly auto: boolean;
}

export type TableSize = Pick<
  SchemaSize,
  "schema" | "total" | "tables" | "indexes" | "toast" | "rows" | "deadRows" | "lastVacuum" | "lastAnalyze"
> & { readonly table: string };

/** A schema that could not be measured, with the reason. */
export interface Unmeasured {
  readonly schema: string;
  readonly reason: string;
}

/** The tables of all schemas are ranked; more than one schema can have. */
const BIGGEST = 10;

/**
 * Measuring a table takes a lock on it that an exclusive lock keeps waiting, as does one that is only waited for. So what is locked
 * like that is not touched, table, index or toast. The sizes are those of pg_total_relation_size, part by part.
 */
const SIZES = `
  with locked as materialized (
    select distinct relation from pg_locks
     where locktype = 'relation' and mode = 'AccessExclusiveLock'
       and database = (select oid from pg_database where datname = current_database())
  ), own as materialized (
    select n.nspname as schema, c.oid as "table", c.relname as name, c.relkind as kind, c.reltoastrelid as toast,
           c.reltuples as estimate
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any ($1) and c.relkind in ('r', 'p', 'm')
  ), part as (
    select "table", "table" as relation, 'table' as part from own
    union all select "table", toast, 'toast' from own where toast <> 0
    union all select "table", indexrelid, 'toast' from own join pg_index on indrelid = toast where toast <> 0
    union all select "table", indexrelid, 'index' from own join pg_index on indrelid = "table"
  ), part_size as (
    select part.*, locked.relation is not null as is_locked,
           case
             when locked.relation is not null then 0
             when part = 'table' then pg_relation_size(part.relation, 'main') + pg_relation_size(part.relation, 'fsm')
               + pg_relation_size(part.relation, 'vm') + pg_relation_size(part.relation, 'init')
             else pg_table_size(part.relation)
           end as bytes
      from part left join locked on locked.relation = part.relation
  ), table_size as (
    select "table", bool_or(is_locked) as is_locked, coalesce(sum(bytes), 0)::float8 as total,
           coalesce(sum(bytes) filter (where part = 'table'), 0)::float8 as tables,
           coalesce(sum(bytes) filter (where part = 'index'), 0)::float8 as indexes,
           coalesce(sum(bytes) filter (where part = 'toast'), 0)::float8 as toast
      from part_size group by "table"
  ), measured as (
    select own.schema, own.name, s.*,
           -- What the statistics have not seen written, as after a restore, ANALYZE may have counted.
           case when pg_stat_get_live_tuples("table") + pg_stat_get_dead_tuples("table")
                     + pg_stat_get_tuples_inserted("table") > 0
                then pg_stat_get_live_tuples("table") else greatest(own.estimate, 0) end::float8 as rows,
           pg_stat_get_dead_tuples("table")::float8 as dead_rows,
           pg_stat_get_last_vacuum_time("table") as vacuumed, pg_stat_get_last_autovacuum_time("table") as autovacuumed,
           pg_stat_get_last_analyze_time("table") as analyzed, pg_stat_get_last_autoanalyze_time("table") as autoanalyzed
      from table_size s join own using ("table")
  ), ranked as (
    select *, row_number() over (partition by schema order by total desc, name) as place from measured
  )
  select schema, sum(total) as total, sum(tables) as tables, sum(indexes) as indexes, sum(toast) as toast,
         count(*)::int as "tableCount", sum(rows) as rows, sum(dead_rows) as "deadRows",
         (count(*) filter (where is_locked))::int as "lockedTables",
         max(vacuumed) as vacuumed, max(autovacuumed) as autovacuumed, max(analyzed) as analyzed, max(autoanalyzed) as autoanalyzed,
         json_agg(json_build_object('schema', schema, 'table', name, 'total', total, 'tables', tables, 'indexes', indexes,
           'toast', toast, 'rows', rows, 'deadRows', dead_rows, 'vacuumed', vacuumed, 'autovacuumed', autovacuumed,
           'analyzed', analyzed, 'autoanalyzed', autoanalyzed) order by place) filter (where place <= ${BIGGEST}) as biggest
    from ranked group by schema`;

/** Shorter limits, for the schemas one by one: each may cost as much as this. */
const ONE_BY_ONE = "set lock_timeout = '100ms'; set statement_timeout = '1s'";
const ALL_AT_ONCE = "set lock_timeout = '1s'; set statement_timeout = '5s'";

interface Times {
  readonly vacuumed: Date | string | null;
  readonly autovacuumed: Date | string | null;
  readonly analyzed: Date | string | null;
  readonly autoanalyzed: Date | string | null;
}

type Row<Measured> = Omit<Measured, "lastVacuum" | "lastAnalyze" | "biggest"> & Times;
type SchemaRow = Row<SchemaSize> & { readonly biggest: readonly Row<TableSize>[] | null };

/**
 * Measures schemas, all of them with one query. When a lock that came in between, or a schema with too many tables, stops that, they
 * are measured one by one, and it stops its own alone. A schema without tables is not among the results.
 */
export async function readSizes(
  read: Read,
  schemas: readonly string[],
  report: (line: string) => void,
): Promise<(SchemaSize | Unmeasured)[]> {
  try {
    return (await read<SchemaRow>(SIZES, [schemas])).map(schemaSize);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  const sizes: (SchemaSize | Unmeasured)[] = [];
  await read(ONE_BY_ONE);
  for (const [index, schema] of schemas.entries()) {
    report(`measuring ${schema} (${index + 1} of ${schemas.length})`);
    sizes.push(...(await readSize(read, schema)));
  }
  await read(ALL_AT_ONCE);
  return sizes;
}

/** The biggest tables of all schemas. */
export function biggestTables(sizes: readonly (SchemaSize | Unmeasured)[]): TableSize[] {
  const tables = sizes.flatMap((size) => ("biggest" in size ? size.biggest : []));
  return tables.sort((a, b) => b.total - a.total).slice(0, BIGGEST);
}

async function readSize(read: Read, schema: string): Promise<(SchemaSize | Unmeasured)[]> {
  try {
    return (await read<SchemaRow>(SIZES, [[schema]])).map(schemaSize);
  } catch (error) {
    if (error instanceof LimitReached) return [{ schema, reason: error.message }];
    throw error;
  }
}

function schemaSize(row: SchemaRow): SchemaSize {
  return withMaintenance({ ...row, biggest: (row.biggest ?? []).map(withMaintenance) });
}

function withMaintenance<Measured extends Times>({
  vacuumed,
  autovacuumed,
  analyzed,
  autoanalyzed,
  ...rest
}: Measured) {
  return { ...rest, lastVacuum: newer(vacuumed, autovacuumed), lastAnalyze: newer(analyzed, autoanalyzed) };
}

function newer(manual: Date | string | null, automatic: Date | string | null): Maintenance | null {
  const [byHand, auto] = [manual, automatic].map((time) => (time === null ? 0 : new Date(time).getTime()));
  const at = Math.max(byHand ?? 0, auto ?? 0);
  return at === 0 ? null : { at: new Date(at).toISOString(), auto: at === auto };
}
