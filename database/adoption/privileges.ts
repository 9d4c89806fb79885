/** Differences of a tenant made by hand: the rights that others have in its schema, and its own outside of it. */
import { escapeIdentifier } from "pg";
import { alterKeyword, type Identified } from "../object-identity";
import { differencesIn } from "./difference";

/** What `on` takes, by the kinds of `privileges-of-others.sql`. */
const KEYWORDS: Readonly<Record<string, string>> = {
  n: "schema",
  r: "table",
  s: "sequence",
  c: "table",
  f: "routine",
  T: "type",
};

interface OfAnother extends Identified {
  readonly column: string | null;
  readonly kind: string;
  readonly grantee: string | null;
  readonly privileges: string;
}

/** Others may do something with the schema, or with what is in it. */
export const privilegesOfOthers = differencesIn<OfAnother>(
  "privileges-of-others.sql",
  ({ kind, column, type, identity, grantee, privileges }, { role }) => ({
    what: `${grantee ?? "PUBLIC"} has ${privileges} on ${columnOf(column)}${type} ${identity}`,
    statement: revoke(column, `${KEYWORDS[kind]} ${identity}`, grantee),
    as: [role],
  }),
);

interface Elsewhere extends Identified {
  readonly column: string | null;
  /** null for what is no relation. */
  readonly sequence: boolean | null;
  readonly owner: string | null;
}

/** The role may do something outside its schema. */
export const privilegesElsewhere = differencesIn<Elsewhere>(
  "privileges-elsewhere.sql",
  ({ type, identity, column, sequence, owner }, { role }) => ({
    what: `${role} has privileges on ${columnOf(column)}${type} ${identity}`,
    statement: revoke(column, `${grantKeyword(type, sequence)} ${identity}`, role),
    as: owner === null ? [] : [owner],
  }),
);

/** `cascade`: a role that was given a privilege with the grant option may have passed it on. */
function revoke(column: string | null, target: string, grantee: string | null): string {
  const columns = column === null ? "" : ` (${escapeIdentifier(column)})`;
  return `revoke all${columns} on ${target} from ${grantee === null ? "public" : escapeIdentifier(grantee)} cascade`;
}

function columnOf(column: string | null): string {
  return column === null ? "" : `column ${column} of `;
}

/** The word that `on` takes for what the catalog calls a type of object. */
function grantKeyword(type: string, sequence: boolean | null): string {
  if (sequence !== null) return sequence ? "sequence" : "table";
  if (type === "server") return "foreign server";
  return type === "parameter ACL" ? "parameter" : alterKeyword(type);
}

/** What is still to be made, by `defaclobjtype`, in the words of `alter default privileges ... on`. */
export const DEFAULT_PRIVILEGE_KINDS: Readonly<Record<string, string>> = {
  r: "tables",
  S: "sequences",
  f: "routines",
  T: "types",
  n: "schemas",
  L: "large objects",
};

interface Default {
  readonly maker: string;
  /** null for any schema. */
  readonly inSchema: string | null;
  readonly kind: string;
  readonly grantee: string | null;
  readonly privileges: string;
}

/** What is made one day would be given to others, or to the role outside its schema. */
export const defaultPrivileges = differencesIn<Default>(
  "default-privileges.sql",
  ({ maker, inSchema, kind, grantee, privileges }) => {
    const within = inSchema === null ? "" : ` in schema ${escapeIdentifier(inSchema)}`;
    const objects = DEFAULT_PRIVILEGE_KINDS[kind] ?? "";
    const from = grantee === null ? "public" : escapeIdentifier(grantee);
    return {
      what: `${grantee ?? "PUBLIC"} will have ${privileges} on ${objects} that ${maker} makes in ${inSchema === null ? "any schema" : `schema ${inSchema}`}`,
      statement: `alter default privileges for role ${escapeIdentifier(maker)}${within} revoke all on ${objects} from ${from}`,
      as: [maker],
    };
  },
);
