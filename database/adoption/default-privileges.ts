import { join } from "node:path";
import { type Client, escapeIdentifier } from "pg";
import { SqlFile } from "../sql-file";
import type { Difference, HandMade } from "./difference";

/** What is still to be made, by `defaclobjtype`, in the words of `alter default privileges ... on`. */
export const DEFAULT_PRIVILEGE_KINDS: Readonly<Record<string, string>> = {
  r: "tables",
  S: "sequences",
  f: "routines",
  T: "types",
  n: "schemas",
  L: "large objects",
};

interface DefaultRow {
  readonly maker: string;
  readonly inSchema: string | null;
  readonly kind: string;
  readonly grantee: string | null;
  readonly privileges: string;
}

const DEFAULT_PRIVILEGES = new SqlFile<DefaultRow, "schema" | "role">(join(__dirname, "default-privileges.sql"));

/** What is made one day would be given to others, or to the role outside its schema. */
export async function defaultPrivilegeDifferences(admin: Client, tenant: HandMade): Promise<Difference[]> {
  const rows = await DEFAULT_PRIVILEGES.rows(admin, { schema: tenant.schemaOid, role: tenant.roleOid });
  return rows.map(({ maker, inSchema, kind, grantee, privileges }) => {
    const place = inSchema === null ? "any schema" : `schema ${inSchema}`;
    const within = inSchema === null ? "" : ` in schema ${escapeIdentifier(inSchema)}`;
    const objects = DEFAULT_PRIVILEGE_KINDS[kind] ?? "";
    const from = grantee === null ? "public" : escapeIdentifier(grantee);
    return {
      what: `${grantee ?? "PUBLIC"} will have ${privileges} on ${objects} that ${maker} makes in ${place}`,
      statement: `alter default privileges for role ${escapeIdentifier(maker)}${within} revoke all on ${objects} from ${from}`,
      as: [maker],
    };
  });
}
