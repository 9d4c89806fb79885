import type { AwsClientSettings } from "../../domain/aws-access";
import type { SettingsSpec } from "../../domain/settings-spec";
import type { TenantSpec } from "../../domain/tenant-spec";

/** A deployed stack: reached through the Pulumi CLI in production, through the rehearsal's engine in a rehearsal. */
export interface StackAccess {
  readonly stack: string;
  readonly settings: SettingsSpec;
  /** Password of `settings.database.adminUser`. */
  readonly adminPassword: string;
  /** The tenants that the files declare for this stack, with their servers. */
  readonly declared: readonly TenantSpec[];
  /** The tenants that the files declare for any stack, with defaults from this stack's settings. */
  readonly everyStack: readonly TenantSpec[];
  readonly aws: AwsClientSettings;
  /** Environment of PostgreSQL's client programs; they are found on its PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** The state as `pulumi stack export` prints it, secrets encrypted. */
  exportState(): Promise<StackExport>;
  /**
   * Checks that the stack is not being deployed, and changes nothing, not even the list of interrupted operations.
   *
   * @throws StackLocked when a deployment is running, or died while it was.
   */
  assertUnlocked(): Promise<void>;
  /**
   * Replaces the state by an edited export. Pulumi clears the list of interrupted operations on the way, so what they left must have
   * been dealt with.
   *
   * @throws StackLocked when a deployment is running, or died while it was.
   */
  importState(state: StackExport): Promise<void>;
  /** Reads these resources again and updates the state with what is really there. */
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

/** A deployment of the stack is running, or died while it was; the message says whose and since when, as far as that is known. */
export class StackLocked extends Error {}
