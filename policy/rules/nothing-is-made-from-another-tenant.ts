import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import { shown } from "../reading/shown";
import { tenantAbove } from "../reading/tenant-tree";

/** Looks at what properties are made from: a secret, an address or a security group's id would be the other tenant's. */
export const nothingIsMadeFromAnotherTenant: StackValidationPolicy = {
  name: "nothing-is-made-from-another-tenant",
  description: "No property of a tenant's resource is made from another tenant's resource.",
  enforcementLevel: "mandatory",
  validateStack: ({ resources }, report) => {
    for (const resource of resources) {
      for (const violation of faultsOf(resource)) report(violation, resource.urn);
    }
  },
};

function faultsOf(resource: PolicyResource): string[] {
  const tenant = tenantAbove(resource);
  if (tenant === undefined) return [];
  return Object.entries(resource.propertyDependencies).flatMap(([property, sources]) =>
    sources.filter((source) => isAnothers(source, tenant)).map((source) => faultOf(property, source, tenant)),
  );
}

function isAnothers(source: PolicyResource, tenant: PolicyResource): boolean {
  const other = tenantAbove(source);
  return other !== undefined && other !== tenant;
}

function faultOf(property: string, source: PolicyResource, tenant: PolicyResource): string {
  return `Its ${shown(property)} is made from ${shown(source.name)}, which is not of tenant ${shown(tenant.name)}. Use the tenant's own.`;
}
