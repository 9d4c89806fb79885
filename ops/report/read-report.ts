import type { MigrationFile } from "../../database/migrations/migration-files";
import { readPositions } from "../../database/migrations/positions";
import { loginNames } from "../../domain/names";
import type { StackAccess } from "../stack/stack-access";
import type { Report, SchemaSize, TenantReport, Unmeasured } from "./report";
import type { Read } from "./report-session";
import { type Role, readRoles, readSessions, type Sessions, sessionsTogether } from "./roles";
import { biggestTables, readSizes } from "./sizes";
import { readSlowStatements } from "./slow-statements";
import { readTenants, type Tenant } from "./tenants";
import { warningsOf } from "./warnings";

const SERVER = `
  select current_setting('server_version') as version, current_setting('max_connections')::int as "maxConnections",
         clock_timestamp() as now, current_database() as database`;

/**
 * @param report Told what takes long.
 * @param files The migrations that the tenants are compared with.
 */
export async function readReport(
  read: Read,
  access: Pick<StackAccess, "stack" | "settings" | "everyStack">,
  report: (line: string) => void,
  files: readonly MigrationFile[],
): Promise<Report> {
  const { settings, stack } = access;
  const [row] = await read<{ version: string; maxConnections: number; now: Date; database: string }>(SERVER);
  if (row === undefined) throw new Error("the server does not say what it is");
  const roles = await readRoles(read);
  const sessionsOf = await readSessions(read);
  const tenants = await readTenants(read, access, roles);
  const schemas = tenants.flatMap(({ schema, hasSchema }) => (hasSchema ? [schema] : []));
  const sizes = await readSizes(read, schemas, report);
  const positions = await readPositions(read, files);
  const slowStatements = await readSlowStatements(read);

  const limits = new Map(roles.map(({ name, connectionLimit }) => [name, connectionLimit]));
  const owners = new Map(tenants.flatMap(({ role, slug }) => loginNames(role).map((login) => [login, slug] as const)));
  const handovers = new Map(roles.map(({ name, handover }) => [name, handover]));
  const poolers = new Map(access.everyStack.map(({ slug, server }) => [slug, server.pooler]));
  const poolerOf = ({ slug, stack: of }: Tenant) => (of === stack ? (poolers.get(slug) ?? null) : null);
  // Only one of a tenant's two logins is valid, except during a rotation; a pooler holds to the limit with both.
  const most = (tenant: Tenant) => (handovers.get(tenant.role) && (poolerOf(tenant) ?? "none") === "none" ? 2 : 1);
  const sum = tenants.reduce((total, tenant) => total + (limits.get(tenant.role) ?? 0) * most(tenant), 0);
  const { reserve, maxConnections: expectedMaxConnections } = settings.limits;
  const { host, port } = settings.database;
  const measured = {
    stack,
    takenAt: row.now.toISOString(),
    server: { host, port, database: row.database, version: row.version },
    tenants: tenants.map((tenant) => ({
      ...tenant,
      ...sizeOf(tenant, sizes),
      connections: loginNames(tenant.role).map(sessionsOf).reduce(sessionsTogether),
      handover: withUse(handovers.get(tenant.role) ?? null, sessionsOf),
      connectionLimit: limits.get(tenant.role) ?? null,
      pooler: poolerOf(tenant),
      migrations: positions.get(tenant.schema) ?? null,
    })),
    biggestTables: biggestTables(sizes),
    connections: {
      ...sessionsOf(),
      maxConnections: row.maxConnections,
      expectedMaxConnections,
      budget: { limits: sum, reserve, total: sum + reserve },
    },
    slowStatements,
    roles: roles.map((role) => ({
      ...role,
      tenant: owners.get(role.name) ?? null,
      connections: sessionsOf(role.name),
    })),
  };
  return { ...measured, warnings: warningsOf(measured, files) };
}

function withUse(handover: Role["handover"], sessionsOf: (role: string) => Sessions): TenantReport["handover"] {
  if (handover === null) return null;
  const { login, previous } = handover;
  return { ...handover, sessions: sessionsOf(login).total, previousSessions: sessionsOf(previous).total };
}

const EMPTY: TenantReport["size"] = {
  total: 0,
  tables: 0,
  indexes: 0,
  toast: 0,
  tableCount: 0,
  rows: 0,
  deadRows: 0,
  lockedTables: 0,
  lastVacuum: null,
  lastAnalyze: null,
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
