import type { PolicyResource } from "@pulumi/policy";
import { stackPolicy } from "../define-policy";
import { forMessage } from "../reading/message";
import { TENANT_TYPE, tenantAbove, tenantIn } from "../reading/resource";

/** The other policies learn from its name which tenant a resource belongs to: they see each alone, and not what it hangs under. */
export const resourcesNamedAfterTheirTenant = stackPolicy(
  "resources-named-after-their-tenant",
  "A Tenant is named by its slug, and what is in it by that slug, a hyphen, and its purpose.",
  (resource) => (resource.type === TENANT_TYPE ? violationsOfTenant(resource) : violationsOfPart(resource)),
);

function violationsOfTenant({ name }: PolicyResource): string[] {
  return isSlug(name)
    ? []
    : [
        `The Tenant's name is ${forMessage(name)}. It has to be the slug: lower-case letters, digits and underscores, a letter first.`,
      ];
}

function violationsOfPart(resource: PolicyResource): string[] {
  const above = tenantAbove(resource);
  if (tenantIn(resource.urn) === above?.name || (above && !isSlug(above.name))) return [];
  return [
    above
      ? `${forMessage(resource.name)} is in tenant ${forMessage(above.name)}. Begin its name with "${above.name}-".`
      : `${forMessage(resource.name)} has a Tenant's URN and is in none. Give it its Tenant as parent.`,
  ];
}

function isSlug(name: string): boolean {
  return /^[a-z][a-z0-9_]*$/.test(name);
}

/** Looks at what properties are made from: a secret, an address or a security group's id would be the other tenant's. */
export const nothingIsMadeFromAnotherTenant = stackPolicy(
  "nothing-is-made-from-another-tenant",
  "No property of a tenant's resource is made from another tenant's resource.",
  (resource) => {
    const tenant = tenantAbove(resource);
    if (tenant === undefined) return [];
    return Object.entries(resource.propertyDependencies).flatMap(([property, sources]) =>
      sources
        .filter((source) => (tenantAbove(source) ?? tenant) !== tenant)
        .map(
          ({ name }) =>
            `Its ${forMessage(property)} is made from ${forMessage(name)}, which does not belong to tenant ${forMessage(tenant.name)}. ` +
            "Use the tenant's own.",
        ),
    );
  },
);
