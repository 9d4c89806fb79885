import type { Connections } from "./connections";
import type { Role } from "./roles";
import type { SchemaSize, TableSize } from "./schema-size";
import type { SlowStatements } from "./slow-statements";
import type { Tenant } from "./tenants";

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
