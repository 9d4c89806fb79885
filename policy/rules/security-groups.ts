import type { PolicyResource } from "@pulumi/policy";
import { stackPolicy } from "../define-policy";
import { forMessage } from "../reading/message";
import { isLeftOut, tenantAbove } from "../reading/resource";
import { INGRESS_RULE, INSTANCE, SECURITY_GROUP } from "../reading/resource-types";

/** Looks at what properties are made from: that is known in a preview too, where a new group has no id yet. */
export const securityGroupsStayWithinTheTenant = stackPolicy(
  "security-groups-stay-within-the-tenant",
  "A tenant's server is in its own security group, and of a tenant nothing but that group is let in anywhere else.",
  (resource) => {
    const tenant = tenantAbove(resource);
    if (tenant === undefined || isLeftOut(resource.props)) return [];
    if (resource.type === INSTANCE) return violationsOfServer(resource, tenant);
    return resource.type === INGRESS_RULE ? violationsOfRule(resource, tenant) : [];
  },
);

function violationsOfServer(server: PolicyResource, tenant: PolicyResource): string[] {
  // An id that is written out is made from no resource. How many there are is known in a preview too.
  return isOwnGroup("vpcSecurityGroupIds", server, tenant) && !(server.props.vpcSecurityGroupIds?.length > 1)
    ? []
    : [
        `A server of tenant ${forMessage(tenant.name)} is in a security group that the tenant does not declare, or in none that it does. ` +
          "Let its vpcSecurityGroupIds be the id of the tenant's own SecurityGroup, and nothing else.",
      ];
}

function violationsOfRule(rule: PolicyResource, tenant: PolicyResource): string[] {
  return isOwnGroup("securityGroupId", rule, tenant) || isOwnGroup("referencedSecurityGroupId", rule, tenant)
    ? []
    : [
        `A rule of tenant ${forMessage(tenant.name)} opens a security group that is not the tenant's to others than its server. ` +
          "Let in the tenant's own SecurityGroup, by referencedSecurityGroupId.",
      ];
}

/** Whether a property is made from the tenant's security groups alone. */
function isOwnGroup(property: string, { propertyDependencies }: PolicyResource, tenant: PolicyResource): boolean {
  const sources = propertyDependencies[property] ?? [];
  return (
    sources.length > 0 && sources.every((source) => source.type === SECURITY_GROUP && tenantAbove(source) === tenant)
  );
}
