import { describedValue } from "./file-errors";
import { type SchemaError, schemaErrors } from "./schema-errors";
import type { SettingsSpec } from "./settings-spec";
import { decodeSource } from "./source-text";
import { DEFAULT_ORIGINS, type TenantFile, tenantSchema } from "./tenant-schema";
import type { TenantSpec } from "./tenant-spec";
import { belongsTo } from "./tenants-of";
import { type PlacedError, readYaml } from "./yaml-value";

const FIRST_GENERATION: TenantSpec["rotation"] = { password: 1, secretKey: 1, server: 1 };

/** The stack that tenant files are read for: its settings fill what a file leaves out. */
export interface ReadingStack extends Pick<SettingsSpec, "network" | "server" | "limits" | "fleet"> {
  readonly stack: string;
}

/** A tenant, or everything that is wrong with its file. */
export type ParsedTenant =
  | {
      readonly tenant: TenantSpec;
      /** Where the file writes its connection limit; undefined where it leaves that to the default. */
      readonly connectionLimitAt: { readonly line: number; readonly column: number } | undefined;
    }
  | { readonly errors: readonly PlacedError[] };

/** Reads the bytes of one tenant file. The slug has been checked already. */
export function parseTenantFile(slug: string, file: string, bytes: Uint8Array, reading: ReadingStack): ParsedTenant {
  const source = decodeSource(bytes);
  if ("problem" in source) {
    return { errors: [{ line: source.line, column: source.column, message: source.problem }] };
  }
  const yaml = readYaml(source.text);
  if (yaml.value === undefined && yaml.errors.length > 0) return { errors: yaml.errors };
  if (yaml.value === undefined || yaml.value === null) {
    const message = "the file is empty; allowed: at least frontendUrl: https://HOST";
    return { errors: [{ ...yaml.place([]), message }] };
  }
  const parsed = tenantSchema.safeParse(yaml.value);
  const schema = parsed.success ? [] : schemaErrors(parsed.error.issues, yaml.value, tenantSchema);
  const stack = stackErrors(yaml.value, reading).filter(
    ({ path }) => !schema.some((error) => samePath(error.path, path)),
  );
  const placed = [...schema, ...stack].map(({ path, which, message }) => ({ ...yaml.place(path, which), message }));
  const errors = inOrder([...yaml.errors, ...placed]);
  if (errors.length > 0 || !parsed.success) return { errors };
  const isWritten = parsed.data.database?.connectionLimit !== undefined;
  return {
    tenant: completed(slug, file, parsed.data, reading),
    connectionLimitAt: isWritten ? yaml.place(["database", "connectionLimit"]) : undefined,
  };
}

/**
 * What may be right for another stack but is not for this one: a tenant of another is held against that one's settings, there.
 * Reads what was written, right or wrong, so that these errors are reported together with those of the schema.
 */
function stackErrors(written: unknown, reading: ReadingStack): SchemaError[] {
  const { stack, server, database } = written as { [Key in keyof TenantFile]?: Record<string, unknown> | null };
  if (!belongsTo(stack, reading)) return [];
  const errors: SchemaError[] = [];
  const { subnetIds } = reading.network;
  const subnetId = server?.subnetId;
  if (typeof subnetId === "string" && !subnetIds.includes(subnetId)) {
    const message = `'server.subnetId' must be one of the stack's network.subnetIds (${subnetIds.join(", ")}), got ${describedValue(subnetId)}`;
    errors.push({ path: ["server", "subnetId"], which: "value", message });
  }
  const most = reading.limits.maxConnections - reading.limits.reserve;
  const connectionLimit = database?.connectionLimit;
  if (typeof connectionLimit === "number" && connectionLimit > most) {
    const message = `'database.connectionLimit' must be at most ${most}, the stack's limits.maxConnections less its reserve, got ${connectionLimit}`;
    errors.push({ path: ["database", "connectionLimit"], which: "value", message });
  }
  return errors;
}

function samePath(a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function inOrder(errors: readonly PlacedError[]): PlacedError[] {
  return [...errors].sort((a, b) => a.line - b.line || a.column - b.column);
}

function completed(
  slug: string,
  file: string,
  written: TenantFile,
  { limits, server, network }: ReadingStack,
): TenantSpec {
  return {
    slug,
    file,
    frontendUrl: written.frontendUrl,
    allowedOrigins: written.allowedOrigins ?? DEFAULT_ORIGINS,
    stack: written.stack,
    database: {
      connectionLimit: written.database?.connectionLimit ?? limits.connectionLimit,
      statementTimeout: written.database?.statementTimeout ?? limits.statementTimeout,
      idleInTransactionTimeout: written.database?.idleInTransactionTimeout ?? limits.idleInTransactionTimeout,
    },
    server: {
      instanceType: written.server?.instanceType ?? server.instanceType,
      subnetId: written.server?.subnetId ?? network.subnetIds[0] ?? "",
      subnetNamed: written.server?.subnetId !== undefined,
      pooler: written.server?.pooler ?? server.pooler,
    },
    rotation: { ...FIRST_GENERATION, ...written.rotation },
    adopt: written.adopt ?? false,
    canary: written.canary ?? false,
    databaseOnly: written.databaseOnly ?? false,
    offboarding: { backup: written.offboarding?.backup ?? true },
  };
}
