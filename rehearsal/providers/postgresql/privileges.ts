import type { Props } from "../../protocol/property-values";
import type { Server, Transaction } from "./connection";
import { roleExists } from "./memberships";
import { sortedSet, strings, text } from "./properties-spec";

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  database: ["ALL", "CREATE", "CONNECT", "TEMPORARY"],
  schema: ["ALL", "CREATE", "USAGE"],
  table: ["ALL", "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
  sequence: ["ALL", "USAGE", "SELECT", "UPDATE"],
};

/** Checked when privileges are granted, not before: the real provider lets a preview pass with a privilege that is none. */
export function validatePrivileges(state: Props): void {
  const objectType = text(state, "objectType");
  for (const privilege of strings(state, "privileges")) {
    if (!ALLOWED[objectType]?.includes(privilege)) {
      throw new Error(`${privilege} is not an allowed privilege for object type ${objectType}`);
    }
  }
}

/** `state` with the privileges that were found; one that says ALL stays so while nothing is missing. */
export function withPrivileges(state: Props, found: readonly string[]): Props {
  const wanted = strings(state, "privileges");
  const all = ALLOWED[text(state, "objectType")]?.filter((privilege) => privilege !== "ALL") ?? [];
  const isAll = wanted.includes("ALL") && all.length === found.length && all.every((each) => found.includes(each));
  return { ...state, privileges: sortedSet(isAll ? wanted : found) };
}

/** PUBLIC is no role of the catalogue: its privileges stand under this oid. */
export async function granteeOid(txn: Transaction, role: string): Promise<number> {
  if (role === "public") return 0;
  const [found] = await txn.rows<{ oid: number }>("select oid from pg_roles where rolname = $1", [role]);
  if (!found) throw new Error(`could not find oid for role ${role}: sql: no rows in result set`);
  return found.oid;
}

/** Whether the role, the database and the schema of a grant are there; without any of them there is no grant. */
export async function grantTargetsExist(server: Server, state: Props): Promise<boolean> {
  const [database, role, schema] = [text(state, "database"), text(state, "role"), text(state, "schema")];
  const inDatabase = await server.transaction(server.settings.database, (txn) =>
    txn.exists("select 1 from pg_database where datname = $1", [database]),
  );
  if (!inDatabase) return false;
  return server.transaction(database, async (txn) => {
    if (role !== "public" && !(await roleExists(txn, role))) return false;
    if (schema === "" || text(state, "objectType") === "database") return true;
    return txn.exists("select 1 from pg_namespace where nspname = $1", [schema]);
  });
}
