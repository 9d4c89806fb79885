import type { MigrationFile } from "../../database/migrations/migration-files";
import { isOutOfStep, outOfStep } from "../../database/migrations/positions";
import { type HandoverStanding, standingOf } from "../../database/rotation/handover";
import { printable } from "../../domain/printable";
import { type Message, message } from "../message";
import type { Report, TenantReport } from "./report";

/** What in a report a person should look at; each a sentence, fit for a terminal. */
export function warningsOf(
  { stack, tenants, connections }: Omit<Report, "warnings">,
  files: readonly MigrationFile[],
): Message[] {
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

function undeclared({ slug, role, schema, hasRole, hasSchema }: Omit<TenantReport, "stack">): Message {
  const name = hasRole && hasSchema ? "undeclaredBoth" : hasRole ? "undeclaredRole" : "undeclaredSchema";
  return message(name, { tenant: printable(slug), role: printable(role), schema: printable(schema) });
}

/** What another stack's tenants lack is a matter of that stack: the files of this one do not declare them. */
function lacking({ slug, file, role, schema, hasRole, hasSchema, stack }: TenantReport): Message[] {
  if (stack === null || (hasRole && hasSchema)) return [];
  const declared = { tenant: slug, file: printable(file ?? "") };
  if (hasRole) return [message("lacksSchema", { ...declared, schema })];
  return [
    hasSchema ? message("lacksRole", { ...declared, role }) : message("lacksBoth", { ...declared, role, schema }),
  ];
}

function unlimited({ role, hasRole, connectionLimit }: TenantReport): Message[] {
  return hasRole && connectionLimit === null ? [message("noLimit", { role: printable(role) })] : [];
}

function exhausted({ role, connections: { total }, connectionLimit }: TenantReport): Message[] {
  if (connectionLimit === null || total === 0 || total < connectionLimit) return [];
  return [message("atLimit", { role: printable(role), total, n: connectionLimit })];
}

function unfinished({ slug, handover }: TenantReport): Message[] {
  if (handover === null) return [];
  const { login, previous, since, previousSessions: n } = handover;
  const names = { login: printable(login), previous: printable(previous) };
  const advice: Record<HandoverStanding, () => Message> = {
    changedOver: () => message("rotationChangedOver", names),
    holdsOld: () => message("rotationHoldsOld", { ...names, n }),
    usesOld: () => message("rotationUsesOld", { ...names, n }),
    unseen: () => message("rotationUnseen"),
  };
  const open = { tenant: printable(slug), since: printable(`${since}`), previous: names.previous };
  return [message("rotationOpen", { ...open, advice: advice[standingOf(handover)]() })];
}

function misplaced({ slug, migrations }: TenantReport, files: readonly MigrationFile[]): Message[] {
  return migrations !== null && isOutOfStep(migrations)
    ? [message("words", { words: outOfStep(slug, migrations, files) })]
    : [];
}

function budget({ maxConnections: most, expectedMaxConnections: expected, budget }: Report["connections"]): Message[] {
  const { limits, reserve, total } = budget;
  return [
    // A server that allows more connections than the settings say is no problem.
    ...(expected <= most ? [] : [message("fewerConnections", { expected, most })]),
    ...(total <= most ? [] : [message("overPromised", { limits, reserve, total, more: total - most })]),
  ];
}
