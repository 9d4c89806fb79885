import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import { ifKnown } from "../reading/known";
import { isLeftOut } from "../reading/left-out";
import { printable, shown } from "../reading/shown";
import { tenantAbove } from "../reading/tenant-tree";

const GROUP = "aws:ec2/securityGroup:SecurityGroup";

const FAULTS: Readonly<Record<string, (resource: PolicyResource, tenant: PolicyResource) => string | undefined>> = {
  "aws:ec2/instance:Instance": faultOfServer,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": faultOfRule,
};

/** Looks at what properties are made from: that is known in a preview too, where a new group has no id yet. */
export const securityGroupsStayWithinTheTenant: StackValidationPolicy = {
  name: "security-groups-stay-within-the-tenant",
  description:
    "A tenant's server is in its own security group, and of a tenant nothing but that group is let in anywhere else.",
  enforcementLevel: "mandatory",
  validateStack: ({ resources }, report) => {
    for (const resource of resources) {
      const tenant = isLeftOut(resource.props) ? undefined : tenantAbove(resource);
      const violation = tenant && FAULTS[resource.type]?.(resource, tenant);
      if (violation) report(printable(violation), resource.urn);
    }
  },
};

function faultOfServer(server: PolicyResource, tenant: PolicyResource): string | undefined {
  return isOwnGroup("vpcSecurityGroupIds", server, tenant) && !hasMore(server)
    ? undefined
    : `A server of tenant ${shown(tenant.name)} is in a security group that the tenant does not declare, or in none that it does. ` +
        "Let its vpcSecurityGroupIds be the id of the tenant's own SecurityGroup, and nothing else.";
}

/** An id that is written out is made from no resource. How many there are is known in a preview too. */
function hasMore({ props }: PolicyResource): boolean {
  return ifKnown(() => (props.vpcSecurityGroupIds?.length > 1 ? ["more"] : [])).length > 0;
}

function faultOfRule(rule: PolicyResource, tenant: PolicyResource): string | undefined {
  if (isOwnGroup("securityGroupId", rule, tenant) || isOwnGroup("referencedSecurityGroupId", rule, tenant))
    return undefined;
  return (
    `A rule of tenant ${shown(tenant.name)} opens a security group that is not the tenant's to others than its server. ` +
    "Let in the tenant's own SecurityGroup, by referencedSecurityGroupId."
  );
}

/** Whether a property is made from the tenant's security groups alone. */
function isOwnGroup(property: string, { propertyDependencies }: PolicyResource, tenant: PolicyResource): boolean {
  const sources = propertyDependencies[property] ?? [];
  return sources.length > 0 && sources.every((source) => source.type === GROUP && tenantAbove(source) === tenant);
}
