import type { SettingsSpec } from "../../domain/settings-spec";
import type { TenantSpec } from "../../domain/tenant-spec";
import type { ExportedResource } from "../stack/stack-access";

/** What was found in the database and in AWS, and what the files say: all that a plan is made from. */
export interface World {
  /** Name of the tenants' database. */
  readonly database: SettingsSpec["database"]["name"];
  readonly declared: readonly TenantSpec[];
  readonly resources: readonly ExportedResource[];
  /** By name; what is not there does not exist. */
  readonly roles: ReadonlyMap<string, FoundRole>;
  readonly schemas: ReadonlyMap<string, FoundSchema>;
  /** Ids of what may be left of interrupted creations, by URN. */
  readonly inAws: ReadonlyMap<string, readonly string[]>;
  /** Since when a role is fenced, by its name. */
  readonly fenced: ReadonlyMap<string, string>;
  readonly verifications: readonly FoundVerification[];
}

export interface FoundRole {
  /** Anything, in any database of the server. */
  readonly owns: boolean;
  readonly limits: RoleLimits;
}

/** What a role is made with by this program, and hardly by hand. Timeouts in milliseconds. */
export interface RoleLimits {
  readonly connectionLimit: number;
  readonly statementTimeout: number;
  readonly idleInTransactionTimeout: number;
}

export interface FoundSchema {
  readonly owner: string;
  /** How many objects are in it. */
  readonly objects: number;
  /** Whether this program has made its tables. */
  readonly initialised: boolean;
}

/** A scratch database, or its role, that the verification of a backup has left. */
export interface FoundVerification {
  readonly slug: string;
  /** Somebody is at work in it. */
  readonly inUse: boolean;
}

export function sameLimits(found: RoleLimits, wanted: RoleLimits): boolean {
  return (
    found.connectionLimit === wanted.connectionLimit &&
    found.statementTimeout === wanted.statementTimeout &&
    found.idleInTransactionTimeout === wanted.idleInTransactionTimeout
  );
}

/** Whether the state has a resource of that type and id, and does not mean to delete it. */
export function isKnown({ resources }: World, type: string, id: string): boolean {
  return resources.some((resource) => resource.type === type && resource.id === id && !resource.delete);
}

export function isDeclared({ declared }: World, tenant: string | undefined): boolean {
  return declared.some(({ slug }) => slug === tenant);
}
