import { printable } from "../../domain/printable";
import { paragraph } from "./paragraph";
import type { Report } from "./report";
import { connectionsText, rolesText, slowStatementsText } from "./show-roles";
import { biggestTablesText, tenantsText } from "./show-sizes";

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
