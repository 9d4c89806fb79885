import { printable } from "../../domain/printable";
import { type Column, columnsText, NAME, numbers } from "./columns";
import { paragraph } from "./paragraph";
import { countText, durationText } from "./quantities";
import type { Report, RoleReport } from "./report";

/** The sessions of each role that has any, against its limit, those with most first. */
export function connectionsText({ connections: all, roles: everyRole }: Report): string {
  const { budget } = all;
  const head =
    `Connections: ${all.total} of ${all.maxConnections}, this report's own among them; the tenants' limits and the reserve ` +
    `come to ${budget.limits} + ${budget.reserve} = ${budget.total}`;
  const columns: Column[] = [
    { head: "Role", widest: NAME },
    ...numbers("Active", "Idle", "In transaction", "Other", "Total", "Limit", "Longest transaction"),
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

/** What the roles' slowest statements are, or why nobody knows. */
export function slowStatementsText({ slowStatements: { statements: slow, unavailable } }: Report): string {
  if (unavailable !== null) return paragraph(`Slowest statements: ${unavailable}.`);
  const shown = 56;
  const columns: Column[] = [
    { head: "Role", widest: NAME },
    ...numbers("Calls", "Total", "Mean"),
    { head: "Statement" },
  ];
  const rows = slow.map(({ role, calls, totalMs, meanMs, statement }) => [
    ...[printable(role), countText(calls), durationText(totalMs), durationText(meanMs)],
    statement.length > shown ? `${statement.slice(0, shown)}…` : statement,
  ]);
  return `Slowest statements, by their time in all\n${columnsText(columns, rows)}`;
}

/** Who may do what. */
export function rolesText({ roles: everyRole }: Report): string {
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
