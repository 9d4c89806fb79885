import type { PolicyResource } from "@pulumi/policy";
import { stackPolicy } from "../define-policy";
import { forMessage } from "../reading/message";
import { isLeftOut, tenantAbove } from "../reading/resource";
import { INGRESS_RULE, INSTANCE, SECURITY_GROUP } from "../reading/resource-types";
import { databaseGroupSetting } from "../reading/stack-settings";

/** Looks at what properties are made from: that is known in a preview too, where a new group has no id yet. */
export const serversShareOneSecurityGroup = stackPolicy(
  "servers-share-one-security-group",
  "The servers of all tenants are in one security group, which is not the database's, and nothing but that group is let in anywhere else.",
  (resource, all) => {
    if (isLeftOut(resource.props)) return [];
    if (resource.type === INSTANCE && tenantAbove(resource)) return violationsOfServer(resource, all);
    return resource.type === INGRESS_RULE ? violationsOfRule(resource) : [];
  },
);

function violationsOfServer(server: PolicyResource, all: readonly PolicyResource[]): string[] {
  const isDeclared = all.some(({ type }) => type === SECURITY_GROUP);
  // How many there are is known in a preview too.
  const isRight = isDeclared ? isMadeFromGroup("vpcSecurityGroupIds", server) : isFound(server, all);
  return isRight && !(server.props.vpcSecurityGroupIds?.length > 1)
    ? []
    : [
        `The server ${forMessage(server.name)} is in a security group that is not the one of all servers, or in none. ` +
          "Let its vpcSecurityGroupIds be the id of that group, and nothing else.",
      ];
}

/** Whether a server is in a group that another stack may have declared: all servers are in the same, and it is not the database's. */
function isFound(server: PolicyResource, all: readonly PolicyResource[]): boolean {
  const groups = all
    .filter(({ type, props }) => type === INSTANCE && !isLeftOut(props))
    .map(({ props }) => JSON.stringify(props.vpcSecurityGroupIds));
  const [own] = server.props.vpcSecurityGroupIds ?? [];
  return own !== undefined && own !== databaseGroupSetting() && new Set(groups).size === 1;
}

function violationsOfRule(rule: PolicyResource): string[] {
  return isMadeFromGroup("securityGroupId", rule) || isMadeFromGroup("referencedSecurityGroupId", rule)
    ? []
    : [
        `The rule ${forMessage(rule.name)} opens a security group that is not declared here to others than the servers. ` +
          "Let in the servers' SecurityGroup, by referencedSecurityGroupId.",
      ];
}

/** Whether a property is made from a declared security group alone. In a tenant there may be none. */
function isMadeFromGroup(property: string, { propertyDependencies }: PolicyResource): boolean {
  const sources = propertyDependencies[property] ?? [];
  return (
    sources.length > 0 && sources.every((source) => source.type === SECURITY_GROUP && tenantAbove(source) === undefined)
  );
}
