import { Client } from "pg";
import { LEDGER } from "../../database/migrations/ledger-table";
import { schemaName } from "../../domain/names";

/** Tables of `sql/tenant_init.sql`, and the ledger of migrations. */
export const TENANT_TABLES: readonly string[] = [
  LEDGER,
  "cartcache",
  "categories",
  "customerinfo",
  "customers",
  "groupmarketingmanagers",
  "groupsellers",
  "orderitems",
  "orders",
  "pricelistitems",
  "pricelists",
  "product_recommendations",
  "products",
  "salesgroups",
  "users",
];

/**
 * What a tenant lacks that has nothing but its server's `.env`, a sentence each: it has to find its own tables without naming its
 * schema.
 *
 * @param env Of its server, as read.
 */
export async function ownSchemaProblems(slug: string, env: Readonly<Record<string, string>>): Promise<string[]> {
  // As the backend does it: with the URL, and nothing said about the session.
  const client = new Client({ connectionString: env.DATABASE_URL ?? "" });
  await client.connect();
  try {
    const { rows } = await client.query<{ path: string; tables: string[] }>(
      `select current_setting('search_path') as path,
              array(select relname::text from pg_class where relkind = 'r' and pg_table_is_visible(oid)
                       and relnamespace = current_schema()::regnamespace) as tables`,
    );
    const [{ path, tables } = { path: "", tables: [] as string[] }] = rows;
    return [
      ...(path === schemaName(slug) ? [] : [`${slug} has search_path ${path}, not ${schemaName(slug)}`]),
      ...TENANT_TABLES.filter((name) => !tables.includes(name)).map((name) => `${slug} has no table ${name}`),
    ];
  } finally {
    await client.end();
  }
}
