import type * as pulumi from "@pulumi/pulumi";
import type { AdminAccess } from "./admin-access";
import { StoredProviderResource } from "./stored-provider";

export interface DropGuardArgs extends AdminAccess {
  readonly role: string;
  /** An output of the schema's own: whatever replaces the schema has to delete this first. */
  readonly schema: pulumi.Input<string>;
}

/**
 * Stands directly on a schema, so that it is deleted directly before it, and refuses that while rows may be in it which the
 * tenant's gate has not let go. The gate comes last in a deployment: one that ends before, as in the middle of an adoption, has
 * none yet, and a removal would meet nothing else.
 */
export class DropGuard extends StoredProviderResource {
  constructor(name: string, args: DropGuardArgs, opts: pulumi.CustomResourceOptions) {
    super("DropGuard", "drop-guard-run", name, { ...args }, opts);
  }
}
