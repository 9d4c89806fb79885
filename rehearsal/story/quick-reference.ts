import Table from "cli-table3";
import type { TenantRow } from "./telling";

/** The guide's table: what an engineer needs to know of each tenant, without credentials. */
export function quickReference(tenants: Readonly<Record<string, TenantRow>>): string {
  const table = new Table({
    head: ["Tenant", "Database user", "Schema", "Server", "Parameters"],
    style: { head: [], border: [] },
  });
  for (const [slug, row] of Object.entries(tenants)) {
    table.push([slug, row.databaseUser, row.schema, row.server, row.ssmPath]);
  }
  return table.toString();
}
