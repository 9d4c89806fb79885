import { join } from "node:path";
import { SqlFile } from "../../database/sql-file";
import { printable } from "../../domain/printable";
import type { Maintenance, SchemaSize, TableSize, Unmeasured } from "./report";
import { LimitReached, type Read } from "./report-session";

const SIZES = new SqlFile<SchemaRow, "schemas" | "biggest">(join(__dirname, "sizes.sql"));

/** Number of the biggest tables that are listed; one schema can have all of them. */
const BIGGEST = 10;

/** Shorter limits for measuring the schemas one by one, since each may take that long. */
const ONE_BY_ONE = "set lock_timeout = '100ms'; set statement_timeout = '2s'";
const ALL_AT_ONCE = "set lock_timeout = '1s'; set statement_timeout = '5s'";

const REASONS: Readonly<Record<LimitReached["limit"], string>> = {
  lock: "locked meanwhile",
  time: "that would take more than 2 s",
};

interface Times {
  readonly vacuumed: Date | string | null;
  readonly autovacuumed: Date | string | null;
  readonly analyzed: Date | string | null;
  readonly autoanalyzed: Date | string | null;
}

type Row<Measured> = Omit<Measured, "lastVacuum" | "lastAnalyze" | "biggest"> & Times;
type SchemaRow = Row<SchemaSize> & { readonly biggest: readonly Row<TableSize>[] | null };

/**
 * Measures all schemas with one query. When a lock that came in between or a schema with too many tables stops that query, the
 * schemas are measured one by one, so that only the schema at fault is left out. A schema without tables is not among the results.
 */
export async function readSizes(
  read: Read,
  schemas: readonly string[],
  report: (line: string) => void,
): Promise<(SchemaSize | Unmeasured)[]> {
  try {
    return await measured(read, schemas);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
  }
  const sizes: (SchemaSize | Unmeasured)[] = [];
  await read(ONE_BY_ONE);
  try {
    for (const [index, schema] of schemas.entries()) {
      report(`measuring ${printable(schema)} (${index + 1} of ${schemas.length})`);
      sizes.push(...(await readSize(read, schema)));
    }
  } finally {
    // With --watch the session reads another report.
    await read(ALL_AT_ONCE);
  }
  return sizes;
}

/** The biggest tables of all schemas. */
export function biggestTables(sizes: readonly (SchemaSize | Unmeasured)[]): TableSize[] {
  const tables = sizes.flatMap((size) => ("biggest" in size ? size.biggest : []));
  return tables.sort((a, b) => b.total - a.total).slice(0, BIGGEST);
}

async function measured(read: Read, schemas: readonly string[]): Promise<SchemaSize[]> {
  return (await read<SchemaRow>(SIZES.text, SIZES.inOrder({ schemas, biggest: BIGGEST }))).map(schemaSize);
}

async function readSize(read: Read, schema: string): Promise<(SchemaSize | Unmeasured)[]> {
  try {
    return await measured(read, [schema]);
  } catch (error) {
    if (error instanceof LimitReached) return [{ schema, reason: REASONS[error.limit] }];
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
