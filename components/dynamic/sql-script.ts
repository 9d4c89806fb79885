import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type * as pulumi from "@pulumi/pulumi";
import { StoredProviderResource } from "./stored-provider";
import type { TenantAccess } from "./tenant-access";

export interface SqlScriptArgs extends TenantAccess {
  /** The SQL file, relative to the project folder. Its content decides whether it is run again. */
  readonly file: string;
  /** Run although the schema holds objects that another hand made. */
  readonly adopt: boolean;
  /** Whether migrations come after it, so that it may not change any more. */
  readonly migrated: boolean;
}

/**
 * Runs a SQL file as a tenant's role, in its schema and in one transaction: when it is created, and again whenever the
 * file's content changes. Refuses a schema that holds objects which it did not create. Its deletion leaves the objects
 * alone: they go with the schema.
 */
export class SqlScript extends StoredProviderResource {
  constructor(name: string, args: SqlScriptArgs, opts: pulumi.CustomResourceOptions) {
    const sha256 = createHash("sha256").update(readFileSync(args.file)).digest("hex");
    super("SqlScript", "sql-script-run", name, { ...args, sha256 }, opts);
  }
}
