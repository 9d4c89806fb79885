import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

export interface SharedDatabaseArgs {
  /** Name of the database that all tenants share. */
  readonly database: string;
}

/**
 * What has to hold once in a database before tenants can be kept apart in it: whoever logs in starts with nothing. Exactly
 * one stack declares it, and every tenant of that stack depends on it.
 */
export class SharedDatabase extends pulumi.ComponentResource {
  constructor(name: string, args: SharedDatabaseArgs, opts: pulumi.ComponentResourceOptions) {
    super("b2b:index:SharedDatabase", name, {}, opts);
    // A grant of nothing is a revoke of everything. Deleting it grants nothing back, so no tenant is exposed by it.
    const nothing = { database: args.database, role: "public", privileges: [] };

    // No tenant may create or see a thing in the schema that everybody shares.
    const publicSchema = new postgresql.Grant(
      `${name}-public-schema`,
      { ...nothing, objectType: "schema", schema: "public" },
      { parent: this },
    );

    // PUBLIC may connect and make temporary tables by default, so a tenant's own GRANT CONNECT would decide nothing.
    // The two grants lock the same role and database: one after the other.
    new postgresql.Grant(
      `${name}-public-connect`,
      { ...nothing, objectType: "database" },
      { parent: this, dependsOn: [publicSchema] },
    );

    this.registerOutputs({});
  }
}
