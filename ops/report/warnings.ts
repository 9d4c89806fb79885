import type { MigrationFile } from "../../database/migrations/migration-files";
import { isOutOfStep, outOfStep } from "../../database/migrations/positions";
import { counted } from "../../domain/counted";
import { printable } from "../../domain/printable";
import type { Report, TenantReport } from "./report";

/** What in a report a person should look at; each a sentence, fit for a terminal. */
export function warningsOf(
  { stack, tenants, connections }: Omit<Report, "warnings">,
  files: readonly MigrationFile[],
): string[] {
  return [
    ...tenants.flatMap(({ stack, ...tenant }) => (stack === null ? [undeclared(tenant)] : [])),
    ...tenants.flatMap(lacking),
    ...tenants.flatMap(unlimited),
    ...tenants.flatMap(exhausted),
    ...tenants.flatMap(unfinished),
    ...tenants.filter((tenant) => tenant.stack === stack).flatMap((tenant) => misplaced(tenant, files)),
    ...budget(connections),
  ];
}

function undeclared({ slug, role, schema, hasRole, hasSchema }: Omit<TenantReport, "stack">): string {
  const here = [...(hasRole ? [`role ${role}`] : []), ...(hasSchema ? [`schema ${schema}`] : [])].join(" and ");
  const lacks = hasRole && hasSchema ? "" : `, and there is no ${hasRole ? `schema ${schema}` : `role ${role}`}`;
  return printable(`No file declares tenant ${slug}, of which the database has ${here}${lacks}.`);
}

/** What another stack's tenants lack is a matter of that stack: the files of this one do not declare them. */
function lacking({ slug, file, role, schema, hasRole, hasSchema, stack }: TenantReport): string[] {
  const missing = [...(hasRole ? [] : [`role ${role}`]), ...(hasSchema ? [] : [`schema ${schema}`])];
  if (stack === null || missing.length === 0) return [];
  return [
    `Tenant ${slug} is declared by ${printable(file ?? "")}, and the database has no ${missing.join(" and no ")}.`,
  ];
}

function unlimited({ role, hasRole, connectionLimit }: TenantReport): string[] {
  if (!hasRole || connectionLimit !== null) return [];
  return [printable(`Role ${role} may take every connection of the server: it has no connection limit.`)];
}

function exhausted({ role, connections: { total }, connectionLimit }: TenantReport): string[] {
  if (connectionLimit === null || total === 0 || total < connectionLimit) return [];
  return [
    printable(`Role ${role} has ${total} of at most ${counted(connectionLimit, "session")}: the next one is refused.`),
  ];
}

function unfinished({ slug, handover }: TenantReport): string[] {
  if (handover === null) return [];
  const { login, previous, since } = handover;
  return [
    printable(
      `The rotation of ${slug}'s password has not ended since ${since}: ${previous} stays valid until its server uses ${login}. See that ` +
        "the server runs and reads its parameters, then run `up`.",
    ),
  ];
}

function misplaced({ slug, migrations }: TenantReport, files: readonly MigrationFile[]): string[] {
  return migrations !== null && isOutOfStep(migrations) ? [outOfStep(slug, migrations, files)] : [];
}

function budget({ maxConnections, expectedMaxConnections, budget: { limits, reserve, total } }: Report["connections"]) {
  return [
    // A server that allows more connections than the settings say is no problem.
    ...(expectedMaxConnections <= maxConnections
      ? []
      : [
          `The setting limits.maxConnections says ${expectedMaxConnections}, and the server's max_connections is only ` +
            `${maxConnections}: the tenants' limits are checked against more connections than there are.`,
        ]),
    ...(total <= maxConnections
      ? []
      : [
          `The tenants' limits and the reserve come to ${limits} + ${reserve} = ${total} connections, ` +
            `${total - maxConnections} more than the server has.`,
        ]),
  ];
}
