import { identified } from "../../../database/object-identity";
import type { Leak } from "../leak";
import { quoted } from "../quoted";
import { notOfExtension } from "./not-of-extension";
import { type Enclosing, within } from "./remedies";
import { type Scene, WHO } from "./scene";

/** Servers that a tenant owns are told as such. */
const FOREIGN_TABLES = `
  with ${WHO}
  select tenant.name as role, identity, c.oid::text as oid, pg_get_userbyid(relowner)::text as owner, srvname::text as server,
         place as schema, pg_get_userbyid(tenant.owner)::text as "schemaOwner",
         not has_schema_privilege(relowner, relnamespace, 'usage') as shut
    from pg_foreign_table
    join pg_class c on c.oid = ftrelid
    join tenant on tenant.schema = relnamespace
    join pg_foreign_server s on s.oid = ftserver,
         ${identified("'pg_class'::regclass", "c.oid")} i
   where srvowner is distinct from tenant.role and ${notOfExtension("'pg_class'::regclass", "c.oid")}
   order by 1, identity`;

interface ForeignTableRow extends Enclosing {
  readonly role: string;
  readonly identity: string;
  readonly oid: string;
  readonly owner: string;
  readonly server: string;
}

/**
 * Ways out of the database, to a file of the server's or another server, that somebody has made a table of in a tenant's schema. Who
 * has one needs no right to use the server that it is of.
 */
export async function foreignTables(scene: Scene): Promise<Leak[]> {
  return (await scene.rows<ForeignTableRow>(FOREIGN_TABLES)).map((row) => ({
    check: "foreign server" as const,
    role: row.role,
    victim: undefined,
    schema: row.schema ?? undefined,
    object: `foreign table ${row.identity}`,
    statement: `select ftserver, ftoptions from pg_foreign_table where ftrelid = ${row.oid}`,
    closes: within(row.owner, `drop foreign table ${row.identity}`, row),
    hint: `it reaches what server ${quoted(row.server)} does; the rows are there, and not in the table`,
  }));
}
