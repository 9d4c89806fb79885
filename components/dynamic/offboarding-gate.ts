import type * as pulumi from "@pulumi/pulumi";
import type { AdminAccess } from "./admin-access";
import { StoredProviderResource } from "./stored-provider";

export interface OffboardingGateArgs extends AdminAccess {
  /** An output of the schema's own: whatever replaces the schema has to delete the gate first. */
  readonly schema: pulumi.Input<string>;
  readonly role: string;
  /** Where backups go: a folder, or `s3://bucket/prefix`. */
  readonly destination: string;
  /** The key that a backup in S3 is encrypted with; S3's own when it is left out. */
  readonly kmsKeyId?: string;
  /** Region of the bucket. */
  readonly region: string;
  /** Caution: `false` lets the tenant and its data be removed without a backup. */
  readonly backup: boolean;
}

/**
 * Stands in the way of a tenant's removal. It depends on everything else of the tenant, so it is deleted first, and its deletion
 * shuts the tenant out, takes a backup and proves it. When any of that fails, so does the deletion: nothing is dropped, and the
 * tenant goes on working.
 */
export class OffboardingGate extends StoredProviderResource {
  constructor(name: string, args: OffboardingGateArgs, opts: pulumi.CustomResourceOptions) {
    super("OffboardingGate", "offboarding-gate-run", name, { ...args }, opts);
  }
}
