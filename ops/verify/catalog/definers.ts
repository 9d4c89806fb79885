import { escapeLiteral } from "pg";
import type { Identified } from "../../../database/object-identity";
import { quoteIdentifier } from "../../../database/sql-text";
import type { Leak, Note } from "../leak";
import { type Catalogs, catalogQuery, type Enclosing, within } from "./catalogs";

interface RelationRow extends Identified {
  readonly role: string;
  readonly owner: string;
  readonly view: boolean;
  readonly schema: string;
}

const RELATIONS = catalogQuery<RelationRow>("definer-relations.sql");

/** Views, and tables with code of their own, within a tenant's reach that run with another role's rights. */
export async function definerRelations(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(RELATIONS)).map((row) => ({
    check: "relation",
    role: row.role,
    victim: undefined,
    schema: row.schema,
    object: `${row.type} ${row.identity}`,
    statement: `select relowner::regrole, reloptions, relhasrules, relhastriggers from pg_class where oid = ${row.oid}`,
    // With the rights of both: a remedy that was run before may have made it the tenant's.
    closes: catalogs.onBehalf(
      row.view
        ? `alter view ${row.identity} set (security_invoker = true)`
        : `alter table ${row.identity} owner to ${quoteIdentifier(row.role)}`,
      row.owner,
      row.role,
    ),
    hint: row.view
      ? `it reads with the rights of ${quoteIdentifier(row.owner)}`
      : `code of ${quoteIdentifier(row.role)} runs with the rights of ${quoteIdentifier(row.owner)} through a rule, a trigger, or a cast in a foreign key`,
  }));
}

interface RoutineRow extends Enclosing, Identified {
  /** null for a routine in a schema that is no tenant's. */
  readonly slug: string | null;
  readonly role: string;
  readonly owner: string;
  readonly schema: string;
  /** Whether only the owner may use the schema. */
  readonly closed: boolean;
}

const ROUTINES = catalogQuery<RoutineRow>("definer-routines.sql");

/**
 * Routines within a tenant's reach that run with another role's rights. The notes are about those that only the wall of their schema keeps
 * tenants from: where it is down, the schema is a leak too.
 */
export async function definerRoutines(catalogs: Catalogs): Promise<{ leaks: Leak[]; notes: Note[] }> {
  const rows = await catalogs.objects(ROUTINES);
  return {
    leaks: rows.filter(({ closed }) => !closed).map(routineLeak),
    notes: rows
      .filter(({ closed }) => closed)
      .map((row) => ({
        sentence: `routine ${row.identity} runs with the rights of ${quoteIdentifier(row.owner)}, and nothing but its schema keeps everybody from calling it`,
        statement: closesRoutine(row),
        as: row.owner,
      })),
  };
}

function routineLeak(row: RoutineRow): Leak {
  return {
    check: "routine",
    role: row.role,
    victim: undefined,
    schema: row.schema,
    object: `routine ${row.identity}`,
    statement:
      `select prosecdef, proowner::regrole, has_function_privilege(${escapeLiteral(row.role)}, oid, 'EXECUTE') ` +
      `from pg_proc where oid = ${row.oid}`,
    closes: within(row.owner, closesRoutine(row), row),
    hint: `it is \`security definer\`, and runs with the rights of ${quoteIdentifier(row.owner)}`,
  };
}

/** A tenant may go on calling a routine in its own schema, with its own rights. */
function closesRoutine({ slug, identity }: RoutineRow): string {
  return slug === null
    ? `revoke execute on routine ${identity} from public`
    : `alter routine ${identity} security invoker`;
}
