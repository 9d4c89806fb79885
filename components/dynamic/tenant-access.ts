import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseSettings } from "../../domain/settings-spec";

/** A tenant's schema, and the login that something is run with there. */
export interface TenantAccess {
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
}
