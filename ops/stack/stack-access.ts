import type { AwsClientSettings } from "../../domain/aws-access";
import type { SettingsSpec } from "../../domain/settings-spec";
import type { TenantSpec } from "../../domain/tenant-spec";

/**
 * A deployed stack, as the commands that people run reach it: through the Pulumi CLI in production, through the rehearsal's
 * engine in a rehearsal.
 */
export interface StackAccess {
  readonly stack: string;
  readonly settings: SettingsSpec;
  /** Password of `settings.database.adminUser`. */
  readonly adminPassword: string;
  /** The tenants that the files declare for this stack. */
  readonly declared: readonly TenantSpec[];
  /** The tenants that the files declare for any stack; what another stack's settings would fill is filled from this one's. */
  readonly everyStack: readonly TenantSpec[];
  readonly aws: AwsClientSettings;
  /** Environment of PostgreSQL's client programs: where they are found. */
  readonly env: NodeJS.ProcessEnv;
  /** The state as `pulumi stack export` prints it, secrets encrypted. */
  exportState(): Promise<StackExport>;
  /**
   * Finds out whether anybody deploys the stack, and leaves everything as it is, the list of interrupted operations included.
   *
   * @throws StackLocked when a deployment is at work, or died at work.
   */
  assertUnlocked(): Promise<void>;
  /**
   * Puts an edited export in the place of the state. Pulumi takes every interrupted operation off its list on the way, so what
   * they left must have been dealt with.
   *
   * @throws StackLocked when a deployment is at work, or died at work.
   */
  importState(state: StackExport): Promise<void>;
  /** Reads these resources again and makes the state say what is really there. */
  refresh(urns: readonly string[]): Promise<void>;
}

/** Pulumi's own deployment format, version 3. */
export interface StackExport {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly ExportedResource[];
    readonly pending_operations?: readonly ExportedOperation[];
    readonly [key: string]: unknown;
  };
}

export interface ExportedOperation {
  readonly resource: ExportedResource;
  /** `creating`, `updating`, `deleting`, `reading` or `importing`. */
  readonly type: string;
}

/** Secrets among the inputs and outputs are encrypted. */
export interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly delete?: boolean;
  readonly [key: string]: unknown;
}

/** Somebody deploys the stack now, or died at it; the message says who and since when, as far as that is known. */
export class StackLocked extends Error {}
