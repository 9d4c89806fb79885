import type { Position } from "../../database/migrations/positions";
import type { Handover, LoginUse } from "../../database/rotation/handover";
import type { Pooler } from "../../domain/pooler";
import type { Message } from "../message";
import type { Role, Sessions } from "./roles";
import type { SlowStatements } from "./slow-statements";
import type { Tenant } from "./tenants";

/** The state of a stack's database at one moment. Names are as they are: whoever shows them makes them `printable`. */
export interface Report {
  readonly stack: string;
  /** ISO 8601, by the server's clock. */
  readonly takenAt: string;
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly version: string;
  };
  readonly tenants: readonly TenantReport[];
  readonly biggestTables: readonly TableSize[];
  readonly connections: ServerConnections;
  readonly slowStatements: SlowStatements;
  readonly roles: readonly RoleReport[];
  /** What a person should look at, a sentence each, fit for a terminal. */
  readonly warnings: readonly Message[];
}

export interface TenantReport extends Tenant {
  /** Null without a schema, or when it could not be measured. */
  readonly size: Omit<SchemaSize, "schema" | "biggest"> | null;
  /** Why it could not be measured; null when it could. */
  readonly unmeasured: string | null;
  readonly connections: Sessions;
  readonly connectionLimit: number | null;
  /** What stands before the database on its server, by its file and the settings; null for a tenant that this stack does not declare. */
  readonly pooler: Pooler | null;
  /** A rotation of its password that has not ended: both of its logins are valid, and each has so many sessions. Null without one. */
  readonly handover: (Handover & LoginUse) | null;
  /** Where it stands among the migrations of this checkout; null without a schema. */
  readonly migrations: Position | null;
}

/** All sessions of the server, and how many it has room for. */
export interface ServerConnections extends Sessions {
  /** `max_connections` of the server. */
  readonly maxConnections: number;
  /** What the stack's settings say that is. */
  readonly expectedMaxConnections: number;
  /** What the tenants may take all at once, and what is kept for the admin. */
  readonly budget: {
    /** Sum of the limits of the tenants' roles, as the server has them, without roles that have no limit. */
    readonly limits: number;
    /** `limits.reserve` of the settings. */
    readonly reserve: number;
    readonly total: number;
  };
}

export interface RoleReport extends Role {
  /** The slug of its tenant; null for a role that is no tenant's. */
  readonly tenant: string | null;
  readonly connections: Sessions;
}

/** What a tenant's schema holds, as far as the server's statistics know without reading a table. Sizes in bytes. */
export interface SchemaSize {
  readonly schema: string;
  readonly total: number;
  readonly tables: number;
  readonly indexes: number;
  readonly toast: number;
  /** Tables, partitions and materialised views. */
  readonly tableCount: number;
  /** Estimates. */
  readonly rows: number;
  readonly deadRows: number;
  /** The latest of all its tables. */
  readonly lastVacuum: Maintenance | null;
  readonly lastAnalyze: Maintenance | null;
  /** Tables that are not in the sizes, because somebody holds or awaits an exclusive lock on them. */
  readonly lockedTables: number;
  readonly biggest: readonly TableSize[];
}

export interface Maintenance {
  /** ISO 8601. */
  readonly at: string;
  /** Whether autovacuum did it. */
  readonly auto: boolean;
}

export type TableSize = Pick<
  SchemaSize,
  "schema" | "total" | "tables" | "indexes" | "toast" | "rows" | "deadRows" | "lastVacuum" | "lastAnalyze"
> & { readonly table: string };

/** A schema that could not be measured, with the reason. */
export interface Unmeasured {
  readonly schema: string;
  readonly reason: string;
}
