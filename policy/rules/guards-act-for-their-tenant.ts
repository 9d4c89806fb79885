import { shown } from "../reading/shown";
import { roleOf, schemaOf } from "../reading/tenant-names";
import { type Check, resourcePolicy } from "../resource-policy";

const isATenants: Check = ({ tenant }) =>
  tenant === undefined ? ["It is outside of any tenant, and would act on one. Leave it to that one's Tenant."] : [];

/** One check a property: the schema's name may be known only once the schema is there. */
function isOwn(property: string, nameOf: (tenant: string) => string): Check {
  return ({ tenant, props }) =>
    tenant === undefined || props[property] === nameOf(tenant)
      ? []
      : [`Its ${property} is ${shown(props[property])}. That of tenant ${shown(tenant)} is ${shown(nameOf(tenant))}.`];
}

const ownTenant = isOwn("tenant", (tenant) => tenant);
const ownSchema = isOwn("schema", schemaOf);
const guard = [isATenants, ownTenant, isOwn("role", roleOf), ownSchema];
// What it runs is whatever the file says, with the rights of its user.
const script = [isATenants, ownTenant, isOwn("user", roleOf), ownSchema];

/** A gate that backs up another tenant lets its own go without a backup. */
export const guardsActForTheirTenant = resourcePolicy(
  "guards-act-for-their-tenant",
  "A tenant's gate and guards watch its own role and schema, and its script runs as its own role.",
  {
    "pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate": guard,
    "pulumi-nodejs:dynamic/b2b-tenants:DropGuard": guard,
    "pulumi-nodejs:dynamic/b2b-tenants:SchemaGuard": guard,
    "pulumi-nodejs:dynamic/b2b-tenants:SqlScript": script,
  },
);
