import { escapeLiteral } from "pg";
import type { Identified } from "../../../database/object-identity";
import { SINCE } from "../../../database/server-version";
import { quoteIdentifier } from "../../../database/sql-text";
import { message } from "../../message";
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
    // With the rights of both: a remedy that was run before may have made it the tenant's, or dropped a view.
    closes: catalogs.onBehalf(withTenantsRights(row, catalogs.major), row.owner, row.role),
    hint: row.view
      ? message("readsAsOwner", { owner: quoteIdentifier(row.owner) })
      : message("codeRunsAs", { role: quoteIdentifier(row.role), owner: quoteIdentifier(row.owner) }),
  }));
}

/** A server that has no such views lets a view of the tenant's read the same. */
function withTenantsRights({ view, identity, role }: RelationRow, major: number): string {
  const giveAway = `owner to ${quoteIdentifier(role)}`;
  if (!view) return `alter table ${identity} ${giveAway}`;
  const change = major >= SINCE.securityInvoker ? "set (security_invoker = true)" : giveAway;
  return `alter view if exists ${identity} ${change}`;
}

interface FilledViewRow extends Enclosing, Identified {
  readonly role: string;
  /** Slug of the tenant whose objects it was filled from; null when nobody knows. */
  readonly of: string | null;
  readonly ofTrusted: boolean;
  readonly owner: string;
  readonly schema: string;
  readonly usedType: string;
  readonly used: string;
}

const FILLED_VIEWS = catalogQuery<FilledViewRow>("filled-views.sql");

/** Materialized views that hold for a tenant what it has no right to read. No remedy drops what holds rows. */
export async function filledViews(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(FILLED_VIEWS)).map((row) => {
    const revoke = `revoke all on table ${row.identity} from ${quoteIdentifier(row.role)}, public cascade`;
    const what = `${row.usedType} ${row.used}`;
    return {
      check: row.ofTrusted ? "relation" : "dependency",
      role: row.role,
      victim: row.of ?? undefined,
      schema: row.schema,
      object: `${row.type} ${row.identity}`,
      statement: `select relowner::regrole, relacl, pg_get_viewdef(oid) from pg_class where oid = ${row.oid}`,
      closes: row.ofTrusted ? within(row.owner, revoke, row) : [],
      hint: row.ofTrusted
        ? message("filledAsOwner", { what, owner: quoteIdentifier(row.owner) })
        : message("filledUnrightly", { what, role: quoteIdentifier(row.role) }),
    };
  });
}

interface RoutineRow extends Enclosing, Identified {
  /** null for a routine in a schema that is no tenant's. */
  readonly slug: string | null;
  readonly role: string;
  readonly owner: string;
  readonly schema: string;
  /** Whether it runs without a right to call it. */
  readonly runs: boolean;
  /** Whether it may be called by way of an aggregate, for which the right to call that one is enough. */
  readonly aggregated: boolean;
  /** Whether its language can do whatever the server's account can. */
  readonly unlimited: boolean;
  /** Whether it is the tenant's own. */
  readonly own: boolean;
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
    leaks: rows.filter(({ closed }) => !closed).map((row) => routineLeak(row, catalogs.superuser)),
    notes: rows
      .filter(({ closed }) => closed)
      .map((row) => ({
        sentence: message("onlyItsSchema", { routine: row.identity, owner: quoteIdentifier(row.owner) }),
        statement: closesRoutine(row),
        as: row.owner,
      })),
  };
}

function routineLeak(row: RoutineRow, superuser: string): Leak {
  return {
    check: "routine",
    role: row.role,
    victim: undefined,
    schema: row.schema,
    object: `routine ${row.identity}`,
    statement:
      `select prosecdef, proowner::regrole, has_function_privilege(${escapeLiteral(row.role)}, oid, 'EXECUTE') ` +
      `from pg_proc where oid = ${row.oid}`,
    closes: [
      ...(row.own
        ? [{ as: superuser, statement: `alter routine ${row.identity} owner to ${quoteIdentifier(superuser)}` }]
        : []),
      ...(row.own ? [{ as: superuser, statement: closesRoutine(row) }] : within(row.owner, closesRoutine(row), row)),
    ],
    hint:
      row.runs || !row.unlimited
        ? message(row.runs ? "definerForAll" : "definer", { owner: quoteIdentifier(row.owner) })
        : message("languageOfIt"),
  };
}

/** A tenant may go on calling a routine in its own schema, with its own rights. */
function closesRoutine({ slug, role, identity, runs, aggregated, unlimited }: RoutineRow): string {
  if (!runs && unlimited) {
    const others = role === "public" ? "" : `, ${quoteIdentifier(role)}`;
    return `revoke execute on routine ${identity} from public${others}`;
  }
  return slug === null && !runs && !aggregated
    ? `revoke execute on routine ${identity} from public`
    : `alter routine ${identity} security invoker`;
}
