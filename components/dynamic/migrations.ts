import type * as pulumi from "@pulumi/pulumi";
import type { PlannedMigrations } from "./migrations-run";
import { StoredProviderResource } from "./stored-provider";
import type { TenantAccess } from "./tenant-access";

/**
 * Runs the files of `sql/migrations/` that a tenant has not run yet, as the tenant's role and in its schema: see docs/migrations.md. Its
 * deletion leaves the tables alone: they go with the schema.
 */
export class Migrations extends StoredProviderResource {
  constructor(name: string, args: TenantAccess & PlannedMigrations, opts: pulumi.CustomResourceOptions) {
    super("Migrations", "migrations-run", name, { ...args }, opts);
  }
}
