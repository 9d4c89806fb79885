import { type Client, escapeIdentifier } from "pg";
import type { ConnectionTarget } from "../../../domain/connection-string";
import { printable } from "../../../domain/printable";
import { withAdminConnection } from "../../connection";
import { errorMessage } from "../../error-message";

/** An extension of the tenants' database; a dump of one schema holds none of them. */
interface Extension {
  readonly name: string;
  readonly schema: string;
}

/**
 * Gives a new database the extensions that the admin's has, in schemas of the same names.
 *
 * @param login The admin's, to the new database.
 * @param except The schema that is to be restored there: what lives in it cannot be made before.
 * @returns Why some are missing. That matters only to a schema that uses them.
 */
export async function copyExtensions(admin: Client, login: ConnectionTarget, except: string): Promise<string[]> {
  const { rows } = await admin.query<Extension>(
    `select extname::text as name, nspname::text as schema from pg_extension e join pg_namespace n on n.oid = extnamespace
      where extname <> 'plpgsql' order by e.oid`,
  );
  if (rows.length === 0) return [];
  return withAdminConnection(login, async (client) => {
    const missing: string[] = [];
    for (const extension of rows) {
      const reason = await create(client, extension, except).catch(errorMessage);
      if (reason) missing.push(printable(`extension ${extension.name} is missing there (${reason})`));
    }
    return missing;
  });
}

async function create(client: Client, { name, schema }: Extension, except: string): Promise<string | undefined> {
  if (schema === except) return `it lives in ${schema} itself`;
  const home = escapeIdentifier(schema);
  if (schema !== "pg_catalog") {
    await client.query(`create schema if not exists ${home}; grant usage on schema ${home} to public`);
  }
  await client.query(`create extension if not exists ${escapeIdentifier(name)} schema ${home}`);
  return undefined;
}
