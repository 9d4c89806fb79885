import type { Pooler } from "./pooler";

/** One tenant, complete: every optional key of its file has been filled from the stack's settings. */
export interface TenantSpec {
  /** The tenant's short name, the stem of its file: `^[a-z][a-z0-9_]*$`, at most 56 characters. Never changes. */
  readonly slug: string;
  /** Where it was declared, relative to the project folder, for example `tenants/acme.yaml`. */
  readonly file: string;
  /** https URL of the tenant's frontend: `FRONTEND_URL`, and the first of `ALLOWED_ORIGINS`. */
  readonly frontendUrl: string;
  /** Further origins (scheme, host, port), without the frontend's own. */
  readonly allowedOrigins: readonly string[];
  /** The stack that declares this tenant; undefined means the fleet stack. */
  readonly stack: string | undefined;
  readonly database: TenantDatabaseSpec;
  readonly server: TenantServerSpec;
  readonly rotation: TenantRotationSpec;
  /** Take over a role and schema that were made by hand. */
  readonly adopt: boolean;
  /** Its migrations run before those of the tenants that are none. */
  readonly canary: boolean;
  /** It has role and schema alone in this stack, while it moves to another database server: what serves it is in the other one. */
  readonly databaseOnly: boolean;
  readonly offboarding: TenantOffboardingSpec;
}

export interface TenantDatabaseSpec {
  /** Most sessions the tenant's role may hold at once. */
  readonly connectionLimit: number;
  /** Milliseconds; 0 means no limit. */
  readonly statementTimeout: number;
  /** Milliseconds; 0 means no limit. */
  readonly idleInTransactionTimeout: number;
}

export interface TenantServerSpec {
  /** EC2 instance type, for example `t3.micro`. */
  readonly instanceType: string;
  /** Subnet of the instance, for example `subnet-0123456789abcdef0`. */
  readonly subnetId: string;
  /** Whether the tenant's file names the subnet; otherwise it is the stack's first, which is for new servers only. */
  readonly subnetNamed: boolean;
  /** What stands between the backend and the database. */
  readonly pooler: Pooler;
}

export interface TenantRotationSpec {
  /** Raising it makes a new database password. */
  readonly password: number;
  /** Raising it makes a new `SECRET_KEY`. */
  readonly secretKey: number;
  /** Raising it makes a new server. */
  readonly server: number;
}

export interface TenantOffboardingSpec {
  /** `false` lets the tenant be removed without a backup. */
  readonly backup: boolean;
}
