import type { StackAccess } from "../stack-access";
import { type Connections, NO_CONNECTIONS, readConnections, sumOf } from "./connections";
import type { Read } from "./reading-session";
import { type Role, readRoles } from "./roles";
import { biggestTables, readSizes, type SchemaSize, type TableSize, type Unmeasured } from "./sizes";
import { readSlowStatements, type SlowStatements } from "./slow-statements";
import { readTenants, type Tenant } from "./tenants";
import { warningsOf } from "./warnings";

/** The guide's monitoring, of one moment. Names are as they are: `printable` is for who shows them. */
export interface Report {
  readonly stack: string;
  /** ISO 8601, by the server's clock. */
  readonly takenAt: string;
  readonly server: Server;
  readonly tenants: readonly TenantReport[];
  readonly biggestTables: readonly TableSize[];
  readonly connections: ServerConnections;
  readonly slowStatements: SlowStatements;
  readonly roles: readonly RoleReport[];
  /** What a person should look at, a sentence each, fit for a terminal. */
  readonly warnings: readonly string[];
}

export interface Server {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly version: string;
}

export interface TenantReport extends Tenant {
  /** Null without a schema, or when it could not be measured. */
  readonly size: Omit<SchemaSize, "schema" | "biggest"> | null;
  /** Why it could not be measured; null when it could. */
  readonly unmeasured: string | null;
  readonly connections: Connections;
  readonly connectionLimit: number | null;
}

/** All sessions of the server, against what it has room for. */
export interface ServerConnections extends Connections {
  /** `max_connections` of the server. */
  readonly maxConnections: number;
  /** What the stack's settings say that is. */
  readonly expectedMaxConnections: number;
  readonly budget: Budget;
}

/** What the tenants may take all at once, and what is kept for the admin. */
export interface Budget {
  /** Sum of the limits of the tenants' roles, as the server has them; those without a limit are not in it. */
  readonly limits: number;
  /** `limits.reserve` of the settings. */
  readonly reserve: number;
  readonly total: number;
}

export interface RoleReport extends Role {
  /** Whose it is; null for a role that is no tenant's. */
  readonly tenant: string | null;
  readonly connections: Connections;
}

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
