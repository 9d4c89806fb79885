import { printable } from "../../domain/printable";
import { type Column, columnsText, NAME, numbers } from "./columns";
import { ageText, countText, sizeText } from "./quantities";
import type { Report, TenantReport } from "./report";
import type { Maintenance } from "./schema-size";

/** What each tenant's schema takes, the biggest first. */
export function tenantsText({ tenants, takenAt, stack }: Report): string {
  if (tenants.length === 0) return "Tenants: none, neither in the files nor in the database.";
  const columns: Column[] = [
    { head: "Tenant", widest: NAME },
    ...numbers("Total", "Tables", "Indexes", "TOAST", "#", "Rows ~", "Dead ~"),
    ...[{ head: "Vacuum" }, { head: "Analyze" }],
  ];
  const rows = bySize(tenants).map((tenant) => {
    const name = [tenant.slug, ...notes(tenant, stack).map((note) => `└ ${note}`)].map(printable).join("\n");
    const { size } = tenant;
    if (size === null) return [name, ...Array<string>(columns.length - 1).fill("-")];
    return [
      ...[name, sizeText(size.total), sizeText(size.tables), sizeText(size.indexes), sizeText(size.toast)],
      ...[String(size.tableCount), countText(size.rows), countText(size.deadRows)],
      ...[maintenance(size.lastVacuum, takenAt), maintenance(size.lastAnalyze, takenAt)],
    ];
  });
  const total = tenants.reduce((sum, { size }) => sum + (size?.total ?? 0), 0);
  return `Tenants: ${tenants.length}, ${sizeText(total)} in all\n${columnsText(columns, rows)}`;
}

/** The biggest tables of all tenants; nothing without any. */
export function biggestTablesText({ biggestTables: tables, takenAt }: Report): string {
  if (tables.length === 0) return "";
  const columns: Column[] = [
    { head: "Table", widest: 2 * NAME - 16 },
    ...numbers("Total", "Rows ~", "Dead ~"),
    ...[{ head: "Vacuum" }, { head: "Analyze" }],
  ];
  const rows = tables.map((table) => [
    ...[printable(`${table.schema}.${table.table}`), sizeText(table.total), countText(table.rows)],
    ...[countText(table.deadRows), maintenance(table.lastVacuum, takenAt), maintenance(table.lastAnalyze, takenAt)],
  ]);
  return `Biggest tables\n${columnsText(columns, rows)}`;
}

function notes({ stack, size, unmeasured, hasRole, hasSchema }: TenantReport, own: string): string[] {
  return [
    ...(stack === null ? ["no file declares it"] : []),
    ...(stack === null || stack === own ? [] : [`of stack ${stack}`]),
    ...(hasRole ? [] : ["its role is missing"]),
    ...(hasSchema ? [] : ["its schema is missing"]),
    ...(size && size.lockedTables > 0 ? [`locked, not measured: ${size.lockedTables} of ${size.tableCount}`] : []),
    ...(unmeasured === null ? [] : [`not measured: ${unmeasured}`]),
  ];
}

/** As `3 d auto`. */
function maintenance(done: Maintenance | null, takenAt: string): string {
  if (done === null) return "never";
  return `${ageText(Date.parse(takenAt) - Date.parse(done.at))}${done.auto ? " auto" : ""}`;
}

function bySize(tenants: readonly TenantReport[]): TenantReport[] {
  return [...tenants].sort((a, b) => (b.size?.total ?? 0) - (a.size?.total ?? 0));
}
