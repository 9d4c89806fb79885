import type { PolicyResource } from "@pulumi/policy";
import { stackPolicy } from "../define-policy";
import { forMessage } from "../reading/message";
import { isLeftOut, tenantAbove } from "../reading/resource";
import { INGRESS_RULE, INSTANCE, SECURITY_GROUP } from "../reading/resource-types";
import { databaseGroupSetting, databasePort } from "../reading/stack-settings";
import { ifKnown, isUnset } from "../reading/values";

/** Looks at what properties are made from: that is known in a preview too, where a new group has no id yet. */
export const serversShareOneSecurityGroup = stackPolicy(
  "servers-share-one-security-group",
  "The servers of all tenants are in one security group, the only declared one; elsewhere it alone is let in, on the database's port.",
  (resource, all) => {
    if (isLeftOut(resource.props)) return [];
    if (resource.type === INSTANCE && tenantAbove(resource)) return violationsOfServer(resource, all);
    if (isSharedGroup(resource)) return violationsOfGroup(resource, all);
    return resource.type === INGRESS_RULE ? violationsOfRule(resource) : [];
  },
);

/** Who is in a second group is let in wherever that is, and nobody sees here who is. */
function violationsOfGroup(group: PolicyResource, all: readonly PolicyResource[]): string[] {
  const others = all.filter((one) => isSharedGroup(one) && one.urn !== group.urn).map(({ name }) => forMessage(name));
  return others.length === 0
    ? []
    : [
        `The security group ${forMessage(group.name)} is declared beside ${others.join(", ")}. Declare one for all servers.`,
      ];
}

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

function violationsOfRule(rule: PolicyResource): readonly string[] {
  if (isMadeFromGroup("securityGroupId", rule)) return [];
  const which = `The rule ${forMessage(rule.name)}`;
  if (!isMadeFromGroup("referencedSecurityGroupId", rule)) {
    return [
      `${which} opens a security group that is not declared here to others than the servers. ` +
        "Let in the servers' SecurityGroup, by referencedSecurityGroupId.",
    ];
  }
  const { props } = rule;
  const port = databasePort();
  // -1 is every protocol, and every port.
  const wanted = Object.entries({ ipProtocol: "tcp", fromPort: port, toPort: port });
  return [
    ...BESIDE_THE_GROUP.flatMap((property) =>
      ifKnown(() =>
        isUnset(props[property]) ? [] : [`${which} lets in others than the servers, by ${property}. Leave it out.`],
      ),
    ),
    ...wanted.flatMap(([property, value]) =>
      ifKnown(() =>
        String(props[property]) === String(value)
          ? []
          : [
              `The ${property} of the rule ${forMessage(rule.name)} is not the database's. Make it ${forMessage(value)}.`,
            ],
      ),
    ),
  ];
}

/** AWS takes no rule that has one of these besides. */
const BESIDE_THE_GROUP = ["cidrIpv4", "cidrIpv6", "prefixListId"];

/** Whether a property is made from a declared security group alone. In a tenant there may be none. */
function isMadeFromGroup(property: string, { propertyDependencies }: PolicyResource): boolean {
  const sources = propertyDependencies[property] ?? [];
  return sources.length > 0 && sources.every(isSharedGroup);
}

function isSharedGroup(resource: PolicyResource): boolean {
  return resource.type === SECURITY_GROUP && tenantAbove(resource) === undefined;
}
