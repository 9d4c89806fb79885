import type * as pulumi from "@pulumi/pulumi";
import type { PlannedMigrations } from "./migrations-run";
import { StoredProviderResource } from "./stored-provider";
import type { TenantAccess } from "./tenant-access";

/**
 * Runs the files of `sql/migrations/` that a tenant has not run yet, as the tenant's role and in its schema: see docs/migrations.md. Its
 * deletion leaves the tables alone: they go with the schema.
 */
export class Migrations extends StoredProviderResource {
  /** Number of the last file. After a failure nobody knows it, while the id of a resource that was there before stays known. */
  declare readonly at: pulumi.Output<number>;

  constructor(name: string, args: TenantAccess & PlannedMigrations, opts: pulumi.CustomResourceOptions) {
    super("Migrations", "migrations-run", name, { ...args, at: undefined }, opts);
  }
}
