import { escapeLiteral } from "pg";
import type { Check, Leak } from "../leak";
import { quoted } from "../quoted";
import type { Numbered } from "./most";
import { within } from "./remedies";

/** What one role or PUBLIC may do with one object, as one role granted it. */
export interface GrantRow extends Numbered {
  readonly kind: string;
  readonly oid: string;
  /** As `materialized view`. */
  readonly type: string;
  readonly identity: string;
  readonly column: string | null;
  /** Oid of the schema. */
  readonly nsp: string | null;
  readonly schema: string | null;
  readonly schemaOwner: string | null;
  /** Whether it is one of the server's own. */
  readonly system: boolean;
  /** null for PUBLIC. */
  readonly grantee: string | null;
  readonly victim: string | null;
  readonly privileges: readonly string[];
  /** Whether it also has CONNECT, which it is to keep, with the right to pass it on. */
  readonly onlyPassesOn: boolean;
  /** Who can take it back. */
  readonly giver: string;
  readonly byOwner: boolean;
  /** Whether the giver may not look into the schema. */
  readonly shut: boolean | null;
}

interface Kind {
  readonly check: Check;
  /** What `on` takes. */
  readonly keyword: string;
  /** Ends the name of the function that tells of such a privilege. */
  readonly privilege?: string;
}

/** By the letter that PostgreSQL has for the kind. */
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

/** Tells of all that somebody may do with an object, whoever granted it. */
export function leakOf(rows: readonly GrantRow[]): Leak {
  const [row] = rows;
  if (row === undefined) throw new Error("a grant without a row");
  const privileges = [...new Set(rows.flatMap(asked))].sort();
  const of = row.column === null ? "" : `column ${quoted(row.column)} of `;
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

/** `cascade`: who was given a privilege with the grant option may have passed it on. */
function revokes(row: GrantRow): string[] {
  const columns = row.column === null ? "" : ` (${quoted(row.column)})`;
  const privileges = row.privileges.map((privilege) => `${privilege.toLowerCase()}${columns}`).join(", ");
  const grantee = row.grantee === null ? "public" : quoted(row.grantee);
  const from = `on ${kindOf(row).keyword} ${named(row)} from ${grantee} cascade`;
  return [
    ...(privileges === "" ? [] : [`revoke ${privileges} ${from}`]),
    ...(row.onlyPassesOn ? [`revoke grant option for connect ${from}`] : []),
  ];
}

/** A parameter's name may have two parts, and the server does not quote them. */
function named({ kind, identity }: GrantRow): string {
  return kind === "p" ? identity.split(".").map(quoted).join(".") : identity;
}

/** A question to the catalogs: to read a view in order to see is to run its code, which may be a tenant's. */
function evidence(row: GrantRow, privileges: readonly string[]): string {
  const { privilege } = kindOf(row);
  if (privilege === undefined) return `select lomacl from pg_largeobject_metadata where oid = ${row.oid}`;
  // By its oid: whoever asks need not be let into the schema.
  const object = row.kind === "p" ? escapeLiteral(row.identity) : `${row.oid}::oid`;
  const column = row.column === null ? "" : `${escapeLiteral(row.column)}, `;
  const role = escapeLiteral(row.grantee ?? "public");
  return `select has_${privilege}_privilege(${role}, ${object}, ${column}${escapeLiteral(privileges.join(", "))})`;
}
