import { escapeIdentifier } from "pg";
import { maskedStatement } from "../../domain/masked-statement";
import { printable } from "../../domain/printable";
import { QueryRefused, type Read } from "./report-session";

/** One statement of one role, without its literals. Times in milliseconds. */
export interface SlowStatement {
  readonly role: string;
  readonly calls: number;
  readonly totalMs: number;
  readonly meanMs: number;
  /** On one line, fit for a terminal, and of bounded length. */
  readonly statement: string;
}

export interface SlowStatements {
  /** The statements with the highest total time, a few of every role, the slowest first. */
  readonly statements: readonly SlowStatement[];
  /** Why they could not be read; null when they could. */
  readonly unavailable: string | null;
}

const PER_ROLE = 3;

/** Characters of a statement that are read: the longest is a megabyte. */
const READ_CHARACTERS = 2000;

const HOW_TO =
  "pg_stat_statements is not installed in this database: add it to shared_preload_libraries (on RDS it is there, unless the " +
  "parameter group says otherwise), and run `create extension pg_stat_statements schema public` here as the admin";

/** The extension's own view, in whichever schema: another relation of that name may be a trap. */
const VIEW = `
  select n.nspname as schema, c.relname as name
    from pg_extension e
    join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = e.oid
                    and d.classid = 'pg_class'::regclass and d.deptype = 'e'
    join pg_class c on c.oid = d.objid and c.relname = 'pg_stat_statements'
    join pg_namespace n on n.oid = c.relnamespace
   where e.extname = 'pg_stat_statements'`;

function slowest(view: string): string {
  return `
    with ranked as (
      select userid, calls, total_exec_time, mean_exec_time, query,
             row_number() over (partition by userid order by total_exec_time desc) as place
        from ${view} where dbid = (select oid from pg_database where datname = current_database())
    )
    select rolname as role, calls::float8 as calls, total_exec_time as "totalMs", mean_exec_time as "meanMs",
           left(query, ${READ_CHARACTERS}) as statement
      from ranked join pg_roles r on r.oid = userid where place <= ${PER_ROLE}
     order by total_exec_time desc`;
}

export async function readSlowStatements(read: Read): Promise<SlowStatements> {
  const [view] = await read<{ schema: string; name: string }>(VIEW);
  if (view === undefined) return { statements: [], unavailable: HOW_TO };
  try {
    const rows = await read<SlowStatement>(slowest(`${escapeIdentifier(view.schema)}.${escapeIdentifier(view.name)}`));
    return { statements: rows.map(masked), unavailable: null };
  } catch (error) {
    // The extension is not loaded, or this login may not read it. The rest of the report does not depend on it.
    if (!(error instanceof QueryRefused)) throw error;
    return { statements: [], unavailable: `pg_stat_statements cannot be read: ${error.message}` };
  }
}

/** Where the view hides another role's text, it gives a remark in its place, which has no literals. */
export function masked(row: SlowStatement): SlowStatement {
  return { ...row, statement: printable(maskedStatement(row.statement)) };
}
