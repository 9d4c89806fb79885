import type { MigrationFile } from "../../database/migrations/migration-files";
import { isOutOfStep, type Position, readPositions } from "../../database/migrations/positions";
import { SCHEMA_PREFIX } from "../../domain/names";
import { withReportSession } from "../report/report-session";
import { declaredTenants } from "../report/tenants";
import type { StackAccess } from "../stack/stack-access";

/** A tenant of the database, of whichever stack, and the migration that it stands at. Names are as they are. */
export interface TenantVersion extends Position {
  readonly tenant: string;
  readonly schema: string;
  /** As in the report: null when no file declares it. */
  readonly stack: string | null;
  /** Whether that is the stack which is looked at. */
  readonly own: boolean;
}

/** The tenants that a database has, in the order of their names. Reads one query's answer, and no table of a tenant's. */
export async function readVersions(access: StackAccess, files: readonly MigrationFile[]): Promise<TenantVersion[]> {
  const declared = declaredTenants(access);
  const positions = await withReportSession(access, (read) => readPositions(read, files));
  return [...positions].map(([schema, position]) => {
    const tenant = schema.slice(SCHEMA_PREFIX.length);
    const { stack = null, own = false } = declared.get(tenant) ?? {};
    return { tenant, schema, stack, own, ...position };
  });
}

/** Whether the next deployment of this stack would be refused for it. */
export function failsStatus(version: TenantVersion): boolean {
  return version.own && isOutOfStep(version);
}
