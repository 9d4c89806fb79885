import * as pulumi from "@pulumi/pulumi";
import type { TenantArgs } from "../../components/tenant";
import { ADMIN_PASSWORD, SERVER_GROUP } from "./recorder";
import { NO_MIGRATIONS, SETTINGS, tenantSpec } from "./settings";

/** What the fleet stack `prod` declares the tenant acme with. */
export function tenantArgs(changes: Partial<TenantArgs> = {}): TenantArgs {
  return {
    spec: tenantSpec(),
    settings: SETTINGS,
    adminPassword: ADMIN_PASSWORD,
    migrations: NO_MIGRATIONS,
    securityGroup: { id: pulumi.output(SERVER_GROUP), rules: [] },
    ...changes,
  };
}
