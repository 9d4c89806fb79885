import { join } from "node:path";
import { type Client, escapeIdentifier } from "pg";
import { alterKeyword, type Identified, withRoutineArguments } from "../object-identity";
import { SqlFile } from "../sql-file";
import type { Difference, HandMade } from "./difference";

/** What `on` takes, by the kinds of `privileges-of-others.sql`. */
const KEYWORDS: Readonly<Record<string, string>> = {
  n: "schema",
  r: "table",
  s: "sequence",
  c: "table",
  f: "routine",
  T: "type",
};

interface Privileged extends Identified {
  readonly column: string | null;
}

interface PrivilegedOther extends Privileged {
  /** A key of `KEYWORDS`. */
  readonly kind: string;
  readonly grantee: string | null;
  readonly privileges: string;
}

interface PrivilegedElsewhere extends Privileged {
  readonly sequence: boolean | null;
  readonly owner: string | null;
}

type TenantNames = "schema" | "role";

const OF_OTHERS = new SqlFile<PrivilegedOther, TenantNames>(join(__dirname, "privileges-of-others.sql"));
const ELSEWHERE = new SqlFile<PrivilegedElsewhere, TenantNames>(join(__dirname, "privileges-elsewhere.sql"));

/** Others may do something with the schema or what is in it, or the role outside. */
export async function privilegeDifferences(admin: Client, tenant: HandMade): Promise<Difference[]> {
  return [...(await givenToOthers(admin, tenant)), ...(await outside(admin, tenant))];
}

async function givenToOthers(admin: Client, { role, roleOid, schemaOid }: HandMade): Promise<Difference[]> {
  const rows = await OF_OTHERS.rows(admin, { schema: schemaOid, role: roleOid });
  return (await withRoutineArguments(admin, rows)).map(({ kind, column, type, identity, grantee, privileges }) => ({
    what: `${grantee ?? "PUBLIC"} has ${privileges} on ${columnOf(column)}${type} ${identity}`,
    statement: revoke(column, `${KEYWORDS[kind]} ${identity}`, grantee === null ? "public" : escapeIdentifier(grantee)),
    as: [role],
  }));
}

async function outside(admin: Client, { role, roleOid, schemaOid }: HandMade): Promise<Difference[]> {
  const rows = await ELSEWHERE.rows(admin, { schema: schemaOid, role: roleOid });
  return (await withRoutineArguments(admin, rows)).map(({ type, identity, column, sequence, owner }) => ({
    what: `${role} has privileges on ${columnOf(column)}${type} ${identity}`,
    statement: revoke(column, `${keyword(type, sequence)} ${identity}`, escapeIdentifier(role)),
    as: owner === null ? [] : [owner],
  }));
}

/** `cascade`: who was given a privilege with the grant option may have passed it on. */
function revoke(column: string | null, target: string, grantee: string): string {
  const columns = column === null ? "" : ` (${escapeIdentifier(column)})`;
  return `revoke all${columns} on ${target} from ${grantee} cascade`;
}

function columnOf(column: string | null): string {
  return column === null ? "" : `column ${column} of `;
}

/** What `on` takes for what the catalog calls a kind of object. */
function keyword(type: string, sequence: boolean | null): string {
  if (sequence !== null) return sequence ? "sequence" : "table";
  if (type === "server") return "foreign server";
  return type === "parameter ACL" ? "parameter" : alterKeyword(type);
}
