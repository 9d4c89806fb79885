import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import { shown } from "../reading/shown";
import { placeOf, TENANT_TYPE } from "../reading/tenant-of";
import { tenantAbove } from "../reading/tenant-tree";

/** The other policies learn from its name whose a resource is: they are asked of each alone, and do not see what it hangs under. */
export const resourcesNamedAfterTheirTenant: StackValidationPolicy = {
  name: "resources-named-after-their-tenant",
  description: "A Tenant is named by its slug, and what is in it by that slug, a hyphen, and its purpose.",
  enforcementLevel: "mandatory",
  validateStack: ({ resources }, report) => {
    for (const resource of resources) {
      const violation = resource.type === TENANT_TYPE ? faultOfTenant(resource) : faultOfPart(resource);
      if (violation) report(violation, resource.urn);
    }
  },
};

function faultOfTenant({ name }: PolicyResource): string | undefined {
  return isSlug(name)
    ? undefined
    : `The Tenant's name is ${shown(name)}. It has to be the slug: small letters, digits and underscores, a letter first.`;
}

function faultOfPart(resource: PolicyResource): string | undefined {
  const { tenant } = placeOf(resource.urn);
  const above = tenantAbove(resource);
  if (tenant === above?.name || (above && !isSlug(above.name))) return undefined;
  return above
    ? `${shown(resource.name)} is in tenant ${shown(above.name)}. Let its name begin with "${above.name}-".`
    : `${shown(resource.name)} has a Tenant's URN and is in none. Give it its Tenant as parent.`;
}

function isSlug(name: string): boolean {
  return /^[a-z][a-z0-9_]*$/.test(name);
}
