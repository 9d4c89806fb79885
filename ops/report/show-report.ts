import { printable } from "../../domain/printable";
import { type Column, columnsText } from "./columns";
import { paragraph } from "./paragraph";
import { ageText, countText, durationText, sizeText } from "./quantities";
import type { Report, RoleReport, TenantReport } from "./read-report";
import type { Maintenance, TableSize } from "./sizes";

/** The widest that a name gets in a table of 120 columns. */
const NAME = 32;

/** The report for people: at most 120 columns wide. */
export function reportText(report: Report): string {
  const { stack, takenAt, server, warnings } = report;
  const sections = [
    paragraph(
      `${printable(server.database)} at ${server.host}:${server.port} (PostgreSQL ${server.version}), stack ${stack}, ${takenAt}`,
    ),
    sizes(report),
    biggest(report),
    connections(report),
    statements(report),
    roles(report),
    warnings.map((warning) => paragraph(`! ${warning}`, "  ")).join("\n"),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function sizes({ tenants, takenAt, stack }: Report): string {
  if (tenants.length === 0) return "Tenants: none, neither in the files nor in the database.";
  const columns: Column[] = [
    { head: "Tenant", widest: NAME },
    ...right("Total", "Tables", "Indexes", "TOAST", "#", "Rows ~", "Dead ~"),
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

function biggest({ biggestTables: tables, takenAt }: Report): string {
  if (tables.length === 0) return "";
  const columns: Column[] = [
    { head: "Table", widest: 2 * NAME - 16 },
    ...right("Total", "Rows ~", "Dead ~"),
    ...[{ head: "Vacuum" }, { head: "Analyze" }],
  ];
  const rows = tables.map((table: TableSize) => [
    ...[printable(`${table.schema}.${table.table}`), sizeText(table.total), countText(table.rows)],
    ...[countText(table.deadRows), maintenance(table.lastVacuum, takenAt), maintenance(table.lastAnalyze, takenAt)],
  ]);
  return `Biggest tables\n${columnsText(columns, rows)}`;
}

function connections({ connections: all, roles: everyRole }: Report): string {
  const { budget } = all;
  const head =
    `Connections: ${all.total} of ${all.maxConnections}, this report's own among them; the tenants' limits and the reserve ` +
    `come to ${budget.limits} + ${budget.reserve} = ${budget.total}`;
  const columns: Column[] = [
    { head: "Role", widest: NAME },
    ...right("Active", "Idle", "In transaction", "Other", "Total", "Limit", "Longest transaction"),
  ];
  const busy = everyRole.filter(({ connections: { total } }) => total > 0);
  const rows = [...busy]
    .sort((a, b) => b.connections.total - a.connections.total)
    .map(({ name, connections: own, connectionLimit }) => [
      ...[printable(name), String(own.active), String(own.idle), String(own.idleInTransaction), String(own.other)],
      ...[String(own.total), limit(connectionLimit)],
      own.longestTransactionMs === null ? "-" : durationText(own.longestTransactionMs),
    ]);
  return `${paragraph(head)}\n${columnsText(columns, rows)}`;
}

function statements({ slowStatements: { statements: slow, unavailable } }: Report): string {
  if (unavailable !== null) return paragraph(`Slowest statements: ${unavailable}.`);
  const shown = 56;
  const columns: Column[] = [{ head: "Role", widest: NAME }, ...right("Calls", "Total", "Mean"), { head: "Statement" }];
  const rows = slow.map(({ role, calls, totalMs, meanMs, statement }) => [
    ...[printable(role), countText(calls), durationText(totalMs), durationText(meanMs)],
    statement.length > shown ? `${statement.slice(0, shown)}…` : statement,
  ]);
  return `Slowest statements, by their time in all\n${columnsText(columns, rows)}`;
}

function roles({ roles: everyRole }: Report): string {
  const columns: Column[] = [
    { head: "Role", widest: NAME },
    ...[{ head: "Login" }, { head: "Limit", right: true }, { head: "Attributes", widest: 2 * NAME }],
  ];
  const rows = everyRole.map((role) => [
    ...[printable(role.name), role.login ? "yes" : "no", limit(role.connectionLimit), attributes(role)],
  ]);
  return `Roles: ${everyRole.length}, those that can log in, and the tenants'\n${columnsText(columns, rows)}`;
}

function attributes({ attributes: special, validUntil, fencedSince }: RoleReport): string {
  const all = [
    ...special,
    ...(validUntil === null ? [] : [`valid until ${validUntil}`]),
    ...(fencedSince === null ? [] : [`shut out by its removal since ${fencedSince}`]),
  ];
  return printable(all.join(", "));
}

function limit(connectionLimit: number | null): string {
  return connectionLimit === null ? "none" : String(connectionLimit);
}

/** As `3 d auto`. */
function maintenance(done: Maintenance | null, takenAt: string): string {
  if (done === null) return "never";
  return `${ageText(Date.parse(takenAt) - Date.parse(done.at))}${done.auto ? " auto" : ""}`;
}

function bySize(tenants: readonly TenantReport[]): TenantReport[] {
  return [...tenants].sort((a, b) => (b.size?.total ?? 0) - (a.size?.total ?? 0));
}

function right(...heads: string[]): Column[] {
  return heads.map((head) => ({ head, right: true }));
}
