import type { StackAccess } from "../stack/stack-access";
import { NO_CONNECTIONS, readConnections, sumOf } from "./connections";
import type { Read } from "./reading-session";
import type { Report, TenantReport } from "./report";
import { readRoles } from "./roles";
import type { SchemaSize, Unmeasured } from "./schema-size";
import { biggestTables, readSizes } from "./sizes";
import { readSlowStatements } from "./slow-statements";
import { readTenants, type Tenant } from "./tenants";
import { warningsOf } from "./warnings";

const SERVER = `
  select current_setting('server_version') as version, current_setting('max_connections')::int as "maxConnections",
         clock_timestamp() as now, current_database() as database`;

/** @param report Told what takes long. */
export async function readReport(
  read: Read,
  access: Pick<StackAccess, "stack" | "settings" | "everyStack">,
  report: (line: string) => void,
): Promise<Report> {
  const { settings, stack } = access;
  const [row] = await read<{ version: string; maxConnections: number; now: Date; database: string }>(SERVER);
  if (row === undefined) throw new Error("the server does not say what it is");
  const roles = await readRoles(read);
  const sessions = await readConnections(read);
  const tenants = await readTenants(read, access, roles);
  const schemas = tenants.flatMap(({ schema, hasSchema }) => (hasSchema ? [schema] : []));
  const sizes = await readSizes(read, schemas, report);
  const slowStatements = await readSlowStatements(read);

  const byName = new Map(roles.map((role) => [role.name, role]));
  const owners = new Map(tenants.map(({ role, slug }) => [role, slug]));
  const sum = tenants.reduce((limits, { role }) => limits + (byName.get(role)?.connectionLimit ?? 0), 0);
  const { reserve, maxConnections: expectedMaxConnections } = settings.limits;
  const measured = {
    stack,
    takenAt: row.now.toISOString(),
    server: {
      host: settings.database.host,
      port: settings.database.port,
      database: row.database,
      version: row.version,
    },
    tenants: tenants.map((tenant) => ({
      ...tenant,
      ...sizeOf(tenant, sizes),
      connections: sessions.get(tenant.role) ?? NO_CONNECTIONS,
      connectionLimit: byName.get(tenant.role)?.connectionLimit ?? null,
    })),
    biggestTables: biggestTables(sizes),
    connections: {
      ...sumOf(sessions.values()),
      maxConnections: row.maxConnections,
      expectedMaxConnections,
      budget: { limits: sum, reserve, total: sum + reserve },
    },
    slowStatements,
    roles: roles.map((role) => ({
      ...role,
      tenant: owners.get(role.name) ?? null,
      connections: sessions.get(role.name) ?? NO_CONNECTIONS,
    })),
  };
  return { ...measured, warnings: warningsOf(measured) };
}

const EMPTY: TenantReport["size"] = {
  ...{ total: 0, tables: 0, indexes: 0, toast: 0, tableCount: 0, rows: 0, deadRows: 0, lockedTables: 0 },
  ...{ lastVacuum: null, lastAnalyze: null },
};

function sizeOf(
  { schema, hasSchema }: Tenant,
  sizes: readonly (SchemaSize | Unmeasured)[],
): Pick<TenantReport, "size" | "unmeasured"> {
  const found = sizes.find((size) => size.schema === schema);
  if (found === undefined) return { size: hasSchema ? EMPTY : null, unmeasured: null };
  if ("reason" in found) return { size: null, unmeasured: found.reason };
  const { schema: _, biggest: __, ...size } = found;
  return { size, unmeasured: null };
}
