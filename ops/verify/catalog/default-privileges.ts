import { DEFAULT_PRIVILEGE_KINDS } from "../../../database/adoption/privileges";
import { quoteIdentifier } from "../../../database/sql-text";
import type { Leak } from "../leak";
import { type Catalogs, catalogQuery } from "./catalogs";

interface DefaultPrivilegeRow {
  readonly oid: string;
  readonly maker: string;
  /** null for any. */
  readonly schema: string | null;
  readonly kind: string;
  /** null for PUBLIC. */
  readonly grantee: string | null;
  readonly victim: string | null;
  readonly privileges: readonly string[];
}

const DEFAULT_PRIVILEGES = catalogQuery<DefaultPrivilegeRow>("default-privileges.sql");

/** Default privileges on future objects, for roles that should not have them. */
export async function defaultPrivileges(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(DEFAULT_PRIVILEGES)).map((row) => {
    const kind = DEFAULT_PRIVILEGE_KINDS[row.kind] ?? "";
    const maker = quoteIdentifier(row.maker);
    const place = row.schema === null ? "" : ` in schema ${quoteIdentifier(row.schema)}`;
    const grantee = row.grantee === null ? "public" : quoteIdentifier(row.grantee);
    const privileges = row.privileges.join(", ").toLowerCase();
    return {
      check: "default privilege",
      role: row.grantee ?? "public",
      victim: row.victim ?? undefined,
      schema: row.schema ?? undefined,
      object: `${kind} that ${maker} makes${place || " in any schema"}`,
      statement: `select defaclobjtype, defaclacl from pg_default_acl where oid = ${row.oid}`,
      closes: [
        {
          as: row.maker,
          statement: `alter default privileges for role ${maker}${place} revoke ${privileges} on ${kind} from ${grantee}`,
        },
      ],
    };
  });
}
