import { Client } from "pg";

/** How a tenant logs in, by its `.env` alone, and what must be closed to it. */
export interface TenantAccess {
  readonly slug: string;
  readonly schema: string;
  /** `DATABASE_URL` of its `.env`. */
  readonly url: string;
}

/** What is not as it should be, a sentence each; nothing when the tenant is shut in as it should be. */
export async function isolationFaults(tenant: TenantAccess, others: readonly TenantAccess[]): Promise<string[]> {
  const client = new Client({ connectionString: tenant.url });
  await client.connect();
  try {
    return [
      ...(await searchPathFaults(client, tenant)),
      ...(await visibleTableFaults(client, tenant)),
      ...(await deniedFaults(client, tenant, others)),
    ];
  } finally {
    await client.end();
  }
}

/** Tables of `sql/tenant_init.sql`. */
export const TENANT_TABLES: readonly string[] = [
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

async function searchPathFaults(client: Client, { slug, schema }: TenantAccess): Promise<string[]> {
  const { rows } = await client.query("show search_path");
  const found = rows[0]?.search_path;
  return found === schema ? [] : [`${slug} has search_path ${found}, not ${schema}`];
}

/** What the role may read, by its privileges: the catalogues that list every schema to everyone prove nothing. */
async function visibleTableFaults(client: Client, { slug, schema }: TenantAccess): Promise<string[]> {
  const { rows } = await client.query<{ schema: string; name: string }>(`
    select n.nspname as schema, c.relname as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f')
      and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
      and has_schema_privilege(n.oid, 'usage')
      and has_table_privilege(c.oid, 'select, insert, update, delete, truncate, references, trigger')
    order by 2`);
  const foreign = rows.filter((row) => row.schema !== schema).map((row) => `${slug} reaches ${row.schema}.${row.name}`);
  const own = rows.filter((row) => row.schema === schema).map((row) => row.name);
  const missing = TENANT_TABLES.filter((name) => !own.includes(name)).map((name) => `${slug} has no table ${name}`);
  return [...foreign, ...missing];
}

async function deniedFaults(client: Client, tenant: TenantAccess, others: readonly TenantAccess[]): Promise<string[]> {
  const attempts = others.flatMap(({ schema }) => {
    const table = `${client.escapeIdentifier(schema)}.products`;
    return [`select * from ${table}`, `insert into ${table} (sku, name) values ('x', 'x')`, `drop table ${table}`];
  });
  attempts.push("create table public.intruder ()", "create schema intruder", "create temporary table intruder ()");
  const faults: string[] = [];
  for (const statement of attempts) {
    const refusal = await refusalOf(client, statement);
    if (!/permission denied/.test(refusal)) {
      faults.push(`${tenant.slug} was not refused: ${statement} (${refusal})`);
    }
  }
  return faults;
}

/** The server's message; "done" when the statement was carried out, which is taken back. */
async function refusalOf(client: Client, statement: string): Promise<string> {
  await client.query("begin");
  try {
    await client.query(statement);
    return "done";
  } catch (error) {
    return (error as Error).message;
  } finally {
    await client.query("rollback");
  }
}
