import * as pulumi from "@pulumi/pulumi";
import type { DatabaseSettings } from "../../domain/settings-spec";
import { StoredProviderResource } from "./stored-provider";

export interface LoginHandoverArgs {
  /** The tenant's slug. */
  readonly tenant: string;
  /** Generation of its database password: it decides which login takes over. */
  readonly rotation: number;
  /** Milliseconds that its server is waited for. */
  readonly patience: number;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly sslmode: DatabaseSettings["sslmode"];
  /** The admin's login. */
  readonly user: string;
  readonly password: pulumi.Input<string>;
}

/**
 * Comes after the parameters that a tenant's server reads: waits until the server uses the login that it was given, and ends the validity
 * of the other one. A server that does not use it within its time keeps both; the next `up` looks again.
 */
export class LoginHandover extends StoredProviderResource {
  constructor(name: string, args: LoginHandoverArgs, opts: pulumi.CustomResourceOptions) {
    const inputs = { ...args, password: pulumi.secret(args.password) };
    super("LoginHandover", "login-handover-run", name, inputs, opts);
  }
}
