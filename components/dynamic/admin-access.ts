import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseSettings } from "../../domain/settings-spec";

/** A tenant, and the admin's login, which something of it is done with. */
export interface AdminAccess {
  /** The tenant's slug, for messages; it names the backup. */
  readonly tenant: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly sslmode: DatabaseSettings["sslmode"];
  /** The admin's login. */
  readonly user: string;
  readonly password: pulumi.Input<string>;
}
