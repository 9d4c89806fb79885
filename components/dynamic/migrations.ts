import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseSettings } from "../../domain/settings-spec";
import { StoredProviderResource } from "./stored-provider";

export interface MigrationsArgs {
  /** The tenant's slug, for messages. */
  readonly tenant: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly sslmode: DatabaseSettings["sslmode"];
  /** The tenant's login role, and owner of the schema. */
  readonly user: pulumi.Input<string>;
  readonly password: pulumi.Input<string>;
  readonly schema: string;
  /** Folder of the files, relative to the project folder or absolute. */
  readonly folder: string;
  /** Hash of each file by its name, for example `0007_add_tax`. */
  readonly files: Readonly<Record<string, string>>;
  /** Milliseconds that a statement may wait for a lock. */
  readonly lockTimeout: number;
  /** Whether others wait for this tenant's. */
  readonly canary: boolean;
  /** Slugs of the tenants, of any stack, that have to have run a file before this one may; not of a canary. */
  readonly canaries: readonly string[];
}

/**
 * Runs the files of `sql/migrations/` that a tenant has not run yet, as the tenant's role and in its schema: see docs/migrations.md. Its
 * deletion leaves the tables alone: they go with the schema.
 */
export class Migrations extends StoredProviderResource {
  constructor(name: string, args: MigrationsArgs, opts: pulumi.CustomResourceOptions) {
    super("Migrations", "migrations-run", name, { ...args }, opts);
  }
}
