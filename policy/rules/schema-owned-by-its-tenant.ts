import { isAbsent } from "../reading/absent";
import { SCHEMA } from "../reading/postgresql-types";
import { shown } from "../reading/shown";
import { isTenantRole, isTenantSchema, roleOf, schemaOf } from "../reading/tenant-names";
import { type Check, resourcePolicy } from "../resource-policy";

const nameIsItsTenants: Check = ({ tenant, props: { name } }) => {
  if (tenant === undefined) {
    return isTenantSchema(name)
      ? [`The schema ${shown(name)} is outside of any tenant. A tenant's schema is declared by its Tenant alone.`]
      : [];
  }
  const own = schemaOf(tenant);
  return name === own ? [] : [`The schema's name is ${shown(name)}. The schema of tenant ${shown(tenant)} is ${own}.`];
};

const ownerIsItsTenant: Check = ({ tenant, props: { owner } }) => {
  if (tenant === undefined) {
    return isTenantRole(owner)
      ? [`Its owner is ${shown(owner)}, a tenant's role, outside of any tenant. Have the admin own what tenants share.`]
      : [];
  }
  const own = roleOf(tenant);
  // Without an owner the provider leaves it to the admin.
  return owner === own
    ? []
    : [`Its owner is ${shown(owner)}. The owner of tenant ${shown(tenant)}'s schema is ${own}.`];
};

/** What the provider had before Grant: a policy that names no role is PUBLIC's. */
const givesNoRightsBesides: Check = ({ props: { policies } }) =>
  isAbsent(policies) || (Array.isArray(policies) && policies.length === 0)
    ? []
    : ["Its `policies` give rights to other roles, or to PUBLIC. Leave them out, and grant with postgresql.Grant."];

export const schemaOwnedByItsTenant = resourcePolicy(
  "schema-owned-by-its-tenant",
  "A tenant's schema is named after it, and its role owns it.",
  { [SCHEMA]: [nameIsItsTenants, ownerIsItsTenant, givesNoRightsBesides] },
);
