import { escapeLiteral } from "pg";
import type { Identified } from "../../../database/object-identity";
import { quoteIdentifier } from "../../../database/sql-text";
import { message } from "../../message";
import type { Check, Leak } from "../leak";
import { type Catalogs, catalogQuery, type Enclosing, type Numbered, within, withTheRest } from "./catalogs";

/** What one role or PUBLIC may do with one object, as one role granted it. */
interface GrantRow extends Enclosing, Identified, Numbered {
  readonly kind: string;
  readonly column: string | null;
  /** Oid of the schema. */
  readonly nsp: string | null;
  /** Whether it is one of the server's own. */
  readonly system: boolean;
  /** null for PUBLIC. */
  readonly grantee: string | null;
  readonly victim: string | null;
  readonly privileges: readonly string[];
  /** Whether it also has CONNECT, which it keeps, with the right to pass it on. */
  readonly onlyPassesOn: boolean;
  /** The role that can take it back. */
  readonly giver: string;
  readonly byOwner: boolean;
}

const GRANTS = catalogQuery<GrantRow>("grants.sql");

/** A schema that somebody may use who should not. */
interface Opening {
  /** Oid of the schema. */
  readonly nsp: string;
  readonly leak: Leak;
}

/** Rights that somebody holds by an access list, and the schemas that such a right opens. */
export async function grants(catalogs: Catalogs): Promise<{ leaks: Leak[]; openings: Opening[] }> {
  const held = new Map<string, GrantRow[]>();
  for (const row of await catalogs.objects(GRANTS)) {
    const key = JSON.stringify([row.kind, row.oid, row.column, row.grantee]);
    held.set(key, [...(held.get(key) ?? []), row]);
  }
  const found = [...held.values()].map((rows) => ({
    rows,
    leak: rows.reduce((leak, row) => withTheRest(leak, row, catalogs.most), leakOf(rows)),
  }));
  // A role that gave a right without owning the object was given it, and may be unable to take it back once it has lost its own.
  found.sort((a, b) => Number(a.rows.every((row) => row.byOwner)) - Number(b.rows.every((row) => row.byOwner)));
  return {
    leaks: found.map(({ leak }) => leak),
    openings: found.flatMap(({ rows, leak }) => {
      const usage = rows.find(({ kind, privileges }) => kind === "n" && privileges.includes("USAGE"));
      return usage === undefined || usage.nsp === null ? [] : [{ nsp: usage.nsp, leak }];
    }),
  };
}

interface OpenRoutineRow extends Identified, Numbered {
  readonly nsp: string;
  readonly victim: string;
  readonly definer: boolean;
}

const OPEN_ROUTINES = catalogQuery<OpenRoutineRow>("open-routines.sql");

/** Routines that can be called because their schema is open. What closes the schema closes them. */
export async function openRoutines(catalogs: Catalogs, openings: readonly Opening[]): Promise<Leak[]> {
  if (openings.length === 0) return [];
  const rows = await catalogs.objects(OPEN_ROUTINES, { opened: [...new Set(openings.map(({ nsp }) => nsp))] });
  return openings.flatMap(({ nsp, leak: { role, schema, closes } }) => {
    // A schema that is open to many roles has each of its routines open as often.
    const most = Math.max(1, Math.floor(catalogs.most / openings.filter((other) => other.nsp === nsp).length));
    return rows
      .filter((row) => row.nsp === nsp && row.nth <= most)
      .map((row) => {
        const leak: Leak = {
          check: "routine",
          role,
          victim: row.victim,
          schema,
          object: `routine ${row.identity}`,
          statement: `select has_function_privilege(${escapeLiteral(role)}, ${row.oid}::oid, 'EXECUTE')`,
          closes,
          hint: message(row.definer ? "ownersRights" : "schemaIsOpen"),
        };
        return withTheRest(leak, row, most);
      });
  });
}

interface Kind {
  readonly check: Check;
  /** What `on` takes. */
  readonly keyword: string;
  /** In the name of the function that shows such a privilege: `has_table_privilege`. */
  readonly privilege?: string;
}

/** By the letter that `grants.sql` has for the kind. */
const KINDS: Readonly<Record<string, Kind>> = {
  n: { check: "schema", keyword: "schema", privilege: "schema" },
  r: { check: "relation", keyword: "table", privilege: "table" },
  s: { check: "sequence", keyword: "sequence", privilege: "sequence" },
  c: { check: "column", keyword: "table", privilege: "column" },
  f: { check: "routine", keyword: "routine", privilege: "function" },
  T: { check: "type", keyword: "type", privilege: "type" },
  L: { check: "large object", keyword: "large object" },
  S: { check: "foreign server", keyword: "foreign server", privilege: "server" },
  F: { check: "foreign server", keyword: "foreign data wrapper", privilege: "foreign_data_wrapper" },
  d: { check: "database", keyword: "database", privilege: "database" },
  t: { check: "system object", keyword: "tablespace", privilege: "tablespace" },
  l: { check: "system object", keyword: "language", privilege: "language" },
  p: { check: "parameter", keyword: "parameter", privilege: "parameter" },
};

/** One leak for all that a role may do with an object, whoever granted it. */
function leakOf(rows: readonly GrantRow[]): Leak {
  const [row] = rows;
  if (row === undefined) throw new Error("a grant without a row");
  const privileges = [...new Set(rows.flatMap(asked))].sort();
  const of = row.column === null ? "" : `column ${quoteIdentifier(row.column)} of `;
  return {
    check: row.system ? "system object" : kindOf(row).check,
    role: row.grantee ?? "public",
    victim: row.victim ?? undefined,
    schema: row.schema ?? undefined,
    object: `${of}${row.type} ${row.identity}`,
    statement: evidence(row, privileges),
    closes: rows.flatMap((each) => revokes(each).flatMap((statement) => within(each.giver, statement, each))),
  };
}

function kindOf({ kind }: GrantRow): Kind {
  const known = KINDS[kind];
  if (known === undefined) throw new Error(`not a kind of object: ${kind}`);
  return known;
}

function asked({ privileges, onlyPassesOn }: GrantRow): string[] {
  return onlyPassesOn ? [...privileges, "CONNECT WITH GRANT OPTION"] : [...privileges];
}

/** `cascade`: a role that was given a privilege with the grant option may have passed it on. */
function revokes(row: GrantRow): string[] {
  const columns = row.column === null ? "" : ` (${quoteIdentifier(row.column)})`;
  const privileges = row.privileges.map((privilege) => `${privilege.toLowerCase()}${columns}`).join(", ");
  const grantee = row.grantee === null ? "public" : quoteIdentifier(row.grantee);
  const from = `on ${kindOf(row).keyword} ${named(row)} from ${grantee} cascade`;
  return [
    ...(privileges === "" ? [] : [`revoke ${privileges} ${from}`]),
    ...(row.onlyPassesOn ? [`revoke grant option for connect ${from}`] : []),
  ];
}

/** A parameter's name may have two parts, and the server does not quote them. */
function named({ kind, identity }: GrantRow): string {
  return kind === "p" ? identity.split(".").map(quoteIdentifier).join(".") : identity;
}

/** A question to the catalogs: reading a view to see whether one may would run its code, which may be a tenant's. */
function evidence(row: GrantRow, privileges: readonly string[]): string {
  const { privilege } = kindOf(row);
  if (privilege === undefined) return `select lomacl from pg_largeobject_metadata where oid = ${row.oid}`;
  // By its oid: whoever asks may not be let into the schema.
  const object = row.kind === "p" ? escapeLiteral(row.identity) : `${row.oid}::oid`;
  const column = row.column === null ? "" : `${escapeLiteral(row.column)}, `;
  const role = escapeLiteral(row.grantee ?? "public");
  return `select has_${privilege}_privilege(${role}, ${object}, ${column}${escapeLiteral(privileges.join(", "))})`;
}
