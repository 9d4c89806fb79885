import type * as pulumi from "@pulumi/pulumi";
import type { AdminAccess } from "./admin-access";
import { StoredProviderResource } from "./stored-provider";

export interface LoginHandoverArgs extends AdminAccess {
  /** Generation of its database password: it decides which login takes over. */
  readonly rotation: number;
  /** Milliseconds that its server is waited for. */
  readonly patience: number;
}

/**
 * Comes after the parameters that a tenant's server reads: waits until the server uses the login that it was given, and ends the validity
 * of the other one. A server that does not use it within its time keeps both; the next `up` looks again.
 */
export class LoginHandover extends StoredProviderResource {
  constructor(name: string, args: LoginHandoverArgs, opts: pulumi.CustomResourceOptions) {
    super("LoginHandover", "login-handover-run", name, { ...args }, opts);
  }
}
