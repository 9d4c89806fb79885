import { digits } from "../../database/migrations/migration-files";
import { counted } from "../../domain/counted";
import { printable } from "../../domain/printable";
import { ageText, countText, durationText, sizeText } from "../../domain/quantities";
import { type Column, columnsText, NAME, numbers, paragraph } from "./columns";
import type { Maintenance, Report, RoleReport, TenantReport } from "./report";

/** Characters of a statement that fit into a line. */
const STATEMENT = 56;

/** The report for people: at most 120 columns wide. */
export function reportText(report: Report): string {
  const { stack, takenAt, server, warnings } = report;
  const sections = [
    paragraph(
      `${printable(server.database)} at ${server.host}:${server.port} (PostgreSQL ${server.version}), stack ${stack}, ${takenAt}`,
    ),
    tenantsText(report),
    biggestTablesText(report),
    connectionsText(report),
    slowStatementsText(report),
    rolesText(report),
    warnings.map((warning) => paragraph(`! ${warning}`, "  ")).join("\n"),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

/** What each tenant's schema takes, the biggest first. */
function tenantsText({ tenants, takenAt, stack }: Report): string {
  if (tenants.length === 0) return "Tenants: none, neither in the files nor in the database.";
  const columns: Column[] = [
    { head: "Tenant", widest: NAME },
    ...numbers("Total", "Tables", "Indexes", "TOAST", "#", "Rows ~", "Dead ~"),
    { head: "Vacuum" },
    { head: "Analyze" },
    { head: "At" },
  ];
  const bySize = [...tenants].sort((a, b) => (b.size?.total ?? 0) - (a.size?.total ?? 0));
  const rows = bySize.map((tenant) => {
    const name = [tenant.slug, ...notes(tenant, stack).map((note) => `└ ${note}`)].map(printable).join("\n");
    const { size } = tenant;
    const at = migration(tenant);
    if (size === null) return [name, ...Array<string>(columns.length - 2).fill("-"), at];
    return [
      name,
      sizeText(size.total),
      sizeText(size.tables),
      sizeText(size.indexes),
      sizeText(size.toast),
      String(size.tableCount),
      countText(size.rows),
      countText(size.deadRows),
      maintenance(size.lastVacuum, takenAt),
      maintenance(size.lastAnalyze, takenAt),
      at,
    ];
  });
  const total = tenants.reduce((sum, { size }) => sum + (size?.total ?? 0), 0);
  return `Tenants: ${tenants.length}, ${sizeText(total)} in all\n${columnsText(columns, rows)}`;
}

/** Number of the last migration. */
function migration({ migrations }: TenantReport): string {
  return migrations === null || migrations.condition === "unknown" ? "-" : digits(migrations.number);
}

function notes({ stack, size, unmeasured, hasRole, hasSchema, migrations }: TenantReport, own: string): string[] {
  return [
    ...(stack === null ? ["no file declares it"] : []),
    ...(stack === null || stack === own ? [] : [`of stack ${stack}`]),
    ...(hasRole ? [] : ["its role is missing"]),
    ...(hasSchema ? [] : ["its schema is missing"]),
    ...(size && size.lockedTables > 0 ? [`locked, not measured: ${size.lockedTables} of ${size.tableCount}`] : []),
    ...(unmeasured === null ? [] : [`not measured: ${unmeasured}`]),
    ...(migrations?.condition === "behind" ? [`${counted(migrations.behind, "migration")} behind`] : []),
  ];
}

/** The biggest tables of all tenants; empty when there is none. */
function biggestTablesText({ biggestTables: tables, takenAt }: Report): string {
  if (tables.length === 0) return "";
  const columns: Column[] = [
    { head: "Table", widest: 2 * NAME - 16 },
    ...numbers("Total", "Rows ~", "Dead ~"),
    { head: "Vacuum" },
    { head: "Analyze" },
  ];
  const rows = tables.map((table) => [
    printable(`${table.schema}.${table.table}`),
    sizeText(table.total),
    countText(table.rows),
    countText(table.deadRows),
    maintenance(table.lastVacuum, takenAt),
    maintenance(table.lastAnalyze, takenAt),
  ]);
  return `Biggest tables\n${columnsText(columns, rows)}`;
}

/** How long ago it was, for example `3 d auto`. */
function maintenance(done: Maintenance | null, takenAt: string): string {
  if (done === null) return "never";
  return `${ageText(Date.parse(takenAt) - Date.parse(done.at))}${done.auto ? " auto" : ""}`;
}

/** The sessions of each role that has any, against its limit, those with most first. */
function connectionsText({ connections: all, roles }: Report): string {
  const { budget } = all;
  const head =
    `Connections: ${all.total} of ${all.maxConnections}, including this report's own; the tenants' limits and the reserve ` +
    `come to ${budget.limits} + ${budget.reserve} = ${budget.total}`;
  const columns: Column[] = [
    { head: "Role", widest: NAME },
    ...numbers("Active", "Idle", "In transaction", "Other", "Total", "Limit", "Longest transaction"),
  ];
  const rows = roles
    .filter(({ connections }) => connections.total > 0)
    .sort((a, b) => b.connections.total - a.connections.total)
    .map(({ name, connections: own, connectionLimit }) => [
      printable(name),
      String(own.active),
      String(own.idle),
      String(own.idleInTransaction),
      String(own.other),
      String(own.total),
      limitText(connectionLimit),
      own.longestTransactionMs === null ? "-" : durationText(own.longestTransactionMs),
    ]);
  return `${paragraph(head)}\n${columnsText(columns, rows)}`;
}

/** The roles' slowest statements, or why they are not known. */
function slowStatementsText({ slowStatements: { statements, unavailable } }: Report): string {
  if (unavailable !== null) return paragraph(`Slowest statements: ${unavailable}.`);
  const columns: Column[] = [
    { head: "Role", widest: NAME },
    ...numbers("Calls", "Total", "Mean"),
    { head: "Statement" },
  ];
  const rows = statements.map(({ role, calls, totalMs, meanMs, statement }) => [
    printable(role),
    countText(calls),
    durationText(totalMs),
    durationText(meanMs),
    statement.length > STATEMENT ? `${statement.slice(0, STATEMENT)}…` : statement,
  ]);
  return `Slowest statements, by total time\n${columnsText(columns, rows)}`;
}

/** What each role may do. */
function rolesText({ roles }: Report): string {
  const columns: Column[] = [
    { head: "Role", widest: NAME },
    { head: "Login" },
    { head: "Limit", right: true },
    { head: "Attributes", widest: 2 * NAME },
  ];
  const rows = roles.map((role) => [
    printable(role.name),
    role.login ? "yes" : "no",
    limitText(role.connectionLimit),
    attributesText(role),
  ]);
  return `Roles: ${roles.length}, those that can log in, and the tenants'\n${columnsText(columns, rows)}`;
}

function attributesText({ attributes, validUntil, fencedSince }: RoleReport): string {
  const all = [
    ...attributes,
    ...(validUntil === null ? [] : [`valid until ${validUntil}`]),
    ...(fencedSince === null ? [] : [`fenced since ${fencedSince}`]),
  ];
  return printable(all.join(", "));
}

function limitText(connectionLimit: number | null): string {
  return connectionLimit === null ? "none" : String(connectionLimit);
}
