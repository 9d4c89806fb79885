import type { Identified } from "../../../database/object-identity";
import { quoteIdentifier } from "../../../database/sql-text";
import { message } from "../../message";
import type { Leak } from "../leak";
import { type Catalogs, catalogQuery, type Enclosing, within } from "./catalogs";

interface ForeignTableRow extends Enclosing, Identified {
  readonly role: string;
  readonly owner: string;
  readonly server: string;
}

const FOREIGN_TABLES = catalogQuery<ForeignTableRow>("foreign-tables.sql");

/**
 * Tables in a tenant's schema that lead out of the database, to a file of the server's or to another server. Reading one needs no right
 * on the server that it belongs to.
 */
export async function foreignTables(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(FOREIGN_TABLES)).map((row) => ({
    check: "foreign server",
    role: row.role,
    victim: undefined,
    schema: row.schema ?? undefined,
    object: `foreign table ${row.identity}`,
    statement: `select ftserver, ftoptions from pg_foreign_table where ftrelid = ${row.oid}`,
    closes: within(row.owner, `drop foreign table ${row.identity}`, row),
    hint: message("reachesServer", { server: quoteIdentifier(row.server) }),
  }));
}

interface MappingRow {
  readonly oid: string;
  readonly server: string;
  readonly owner: string;
  /** null for PUBLIC. */
  readonly tenant: string | null;
}

const USER_MAPPINGS = catalogQuery<MappingRow>("user-mappings.sql");

/** Logins on other servers for tenants to use. */
export async function userMappings(catalogs: Catalogs): Promise<Leak[]> {
  return (await catalogs.rows(USER_MAPPINGS)).map(({ oid, server, owner, tenant }) => {
    const of = tenant === null ? "public" : quoteIdentifier(tenant);
    return {
      check: "foreign server",
      role: tenant ?? "public",
      victim: undefined,
      object: `user mapping for ${of} on server ${quoteIdentifier(server)}`,
      statement: `select srvname, usename from pg_user_mappings where umid = ${oid}`,
      closes: [{ as: owner, statement: `drop user mapping for ${of} server ${quoteIdentifier(server)}` }],
    };
  });
}
