import {
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import { awsClients } from "./aws-clients";
import { isMap, type PropertyMap } from "./engine/property-values";
import type { FindInterrupted } from "./engine/refresh";
import type { Session } from "./session";

/**
 * Where to look for what an interrupted creation may have left. Types that are not here leave nothing that a second creation
 * would meet: random values exist in the state only, grants and scripts come out the same when they are carried out again.
 */
export function findInterrupted(session: Session): FindInterrupted {
  const { ec2 } = awsClients(session);
  const finders: Readonly<
    Record<string, (inputs: PropertyMap, known: ReadonlySet<string>) => Promise<string | undefined>>
  > = {
    "postgresql:index/role:Role": async ({ name }) => String(name),
    "postgresql:index/schema:Schema": async ({ database, name }) => `${database}.${name}`,
    "aws:ssm/parameter:Parameter": async ({ name }) => String(name),
    "aws:iam/role:Role": async ({ name }) => String(name),
    "aws:iam/rolePolicy:RolePolicy": async ({ role, name }) => `${role}:${name}`,
    "aws:iam/instanceProfile:InstanceProfile": async ({ name }) => String(name),
    "aws:ec2/securityGroup:SecurityGroup": async ({ name, vpcId }) => {
      const filters = { "group-name": String(name), "vpc-id": String(vpcId) };
      const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: filtersOf(filters) }));
      return SecurityGroups?.[0]?.GroupId;
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (inputs) => rule(inputs, false),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (inputs) => rule(inputs, true),
    "aws:ec2/instance:Instance": async ({ tags }, known) => {
      const filters = { ...tagFilters(tags), "instance-state-name": "pending,running,stopping,stopped" };
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters: filtersOf(filters) }));
      const ids = (Reservations ?? []).flatMap(({ Instances }) =>
        (Instances ?? []).map(({ InstanceId }) => InstanceId),
      );
      return ids.find((id) => id !== undefined && !known.has(id));
    },
  };

  async function rule(inputs: PropertyMap, egress: boolean): Promise<string | undefined> {
    const filters = filtersOf({ "group-id": String(inputs.securityGroupId) });
    const { SecurityGroupRules } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: filters }));
    return SecurityGroupRules?.find((found) => found.IsEgress === egress && matches(found, inputs))
      ?.SecurityGroupRuleId;
  }

  return async (resource, known) => finders[resource.type]?.(resource.inputs ?? {}, known);
}

function matches(found: SecurityGroupRule, inputs: PropertyMap): boolean {
  return (
    found.IpProtocol === String(inputs.ipProtocol) &&
    samePort(found.FromPort, inputs.fromPort) &&
    samePort(found.ToPort, inputs.toPort) &&
    (found.CidrIpv4 ?? "") === (inputs.cidrIpv4 ?? "") &&
    (found.CidrIpv6 ?? "") === (inputs.cidrIpv6 ?? "") &&
    (found.ReferencedGroupInfo?.GroupId ?? "") === (inputs.referencedSecurityGroupId ?? "")
  );
}

/** A rule for every port has none, or -1 at both ends. */
function samePort(found: number | undefined, wanted: unknown): boolean {
  return (found ?? -1) === (wanted ?? -1);
}

function tagFilters(tags: unknown): Record<string, string> {
  const entries = isMap(tags) ? Object.entries(tags) : [];
  return Object.fromEntries(entries.map(([key, value]) => [`tag:${key}`, String(value)]));
}

function filtersOf(filters: Readonly<Record<string, string>>) {
  return Object.entries(filters).map(([Name, values]) => ({ Name, Values: values.split(",") }));
}
