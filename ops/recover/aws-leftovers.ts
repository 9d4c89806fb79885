import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import { GetInstanceProfileCommand, GetRoleCommand, GetRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { paginateListTopics, SNSClient } from "@aws-sdk/client-sns";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { AwsClientSettings } from "../../domain/aws-access";
import { withTimeouts } from "../stack/aws-client";

type Inputs = Readonly<Record<string, unknown>>;

/**
 * The ids, in the provider's form, of whatever a creation with these inputs may have left in the account. There can be several ids, and
 * ids that the state has already, only for a type whose resources have no name of their own.
 */
export type FindInAws = (type: string, inputs: Inputs) => Promise<readonly string[]>;

const NOT_THERE = new Set(["ParameterNotFound", "NoSuchEntity", "NoSuchEntityException"]);

/** Other types leave nothing in the account, or nothing that a second creation would conflict with. */
export function findInAws(settings: AwsClientSettings): FindInAws {
  const config = withTimeouts(settings);
  const [ssm, ec2, iam] = [new SSMClient(config), new EC2Client(config), new IAMClient(config)];
  const [sns, cloudwatch] = [new SNSClient(config), new CloudWatchClient(config)];
  const finders: Readonly<Record<string, (inputs: Inputs) => Promise<readonly (string | undefined)[]>>> = {
    // Without decryption: the value of a SecureString is not needed.
    "aws:ssm/parameter:Parameter": ({ name }) =>
      ifThere(ssm.send(new GetParameterCommand({ Name: String(name) })), String(name)),
    "aws:iam/role:Role": ({ name }) => ifThere(iam.send(new GetRoleCommand({ RoleName: String(name) })), String(name)),
    "aws:iam/rolePolicy:RolePolicy": ({ role, name }) =>
      ifThere(
        iam.send(new GetRolePolicyCommand({ RoleName: String(role), PolicyName: String(name) })),
        `${role}:${name}`,
      ),
    "aws:iam/instanceProfile:InstanceProfile": ({ name }) =>
      ifThere(iam.send(new GetInstanceProfileCommand({ InstanceProfileName: String(name) })), String(name)),
    "aws:ec2/securityGroup:SecurityGroup": async ({ name, vpcId }) => {
      const Filters = filtersOf({ "group-name": String(name), "vpc-id": String(vpcId) });
      const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
      return (SecurityGroups ?? []).map(({ GroupId }) => GroupId);
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (inputs) => rules(inputs, false),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (inputs) => rules(inputs, true),
    "aws:ec2/instance:Instance": async ({ tags }) => {
      const Filters = filtersOf({ ...tagFilters(tags), "instance-state-name": "pending,running,stopping,stopped" });
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }));
      return (Reservations ?? []).flatMap(({ Instances }) => (Instances ?? []).map(({ InstanceId }) => InstanceId));
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": async ({ name }) => {
      const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [String(name)] }));
      return (MetricAlarms ?? []).map(({ AlarmName }) => AlarmName);
    },
    "aws:sns/topic:Topic": async ({ name }) => {
      const arns: string[] = [];
      for await (const { Topics } of paginateListTopics({ client: sns }, {})) {
        arns.push(...(Topics ?? []).map(({ TopicArn = "" }) => TopicArn).filter((arn) => arn.endsWith(`:${name}`)));
      }
      return arns;
    },
  };

  async function rules(inputs: Inputs, egress: boolean): Promise<(string | undefined)[]> {
    const Filters = filtersOf({ "group-id": String(inputs.securityGroupId) });
    const { SecurityGroupRules } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
    const found = (SecurityGroupRules ?? []).filter((rule) => rule.IsEgress === egress && matches(rule, inputs));
    return found.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId);
  }

  return async (type, inputs) => {
    const ids = (await finders[type]?.(inputs)) ?? [];
    return ids.filter((id) => id !== undefined);
  };
}

async function ifThere(call: Promise<unknown>, id: string): Promise<string[]> {
  try {
    await call;
    return [id];
  } catch (error) {
    if (NOT_THERE.has((error as Error).name)) return [];
    throw error;
  }
}

function matches(found: SecurityGroupRule, inputs: Inputs): boolean {
  return (
    found.IpProtocol === String(inputs.ipProtocol) &&
    samePort(found.FromPort, inputs.fromPort) &&
    samePort(found.ToPort, inputs.toPort) &&
    (found.CidrIpv4 ?? "") === (inputs.cidrIpv4 ?? "") &&
    (found.CidrIpv6 ?? "") === (inputs.cidrIpv6 ?? "") &&
    (found.ReferencedGroupInfo?.GroupId ?? "") === (inputs.referencedSecurityGroupId ?? "")
  );
}

/** A rule for all ports has no port, or -1 at both ends. */
function samePort(found: number | undefined, wanted: unknown): boolean {
  return (found ?? -1) === (wanted ?? -1);
}

function tagFilters(tags: unknown): Record<string, string> {
  const entries = typeof tags === "object" && tags !== null ? Object.entries(tags) : [];
  return Object.fromEntries(entries.map(([key, value]) => [`tag:${key}`, String(value)]));
}

function filtersOf(filters: Readonly<Record<string, string>>) {
  return Object.entries(filters).map(([Name, values]) => ({ Name, Values: values.split(",") }));
}

/**
 * Completes the interrupted creation of a security group: AWS gives a new group a rule that lets it reach everything, and the provider
 * deletes that rule at once. If it stayed, the program's own rule could not be created.
 */
export async function finishSecurityGroup(settings: AwsClientSettings, group: string): Promise<void> {
  const ec2 = new EC2Client(withTimeouts(settings));
  const Filters = [{ Name: "group-id", Values: [group] }];
  const { SecurityGroupRules = [] } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters }));
  const IpPermissions = SecurityGroupRules.filter(isOfNewGroup).map(({ CidrIpv4, CidrIpv6 }) => ({
    IpProtocol: "-1",
    ...(CidrIpv4 === undefined ? {} : { IpRanges: [{ CidrIp: CidrIpv4 }] }),
    ...(CidrIpv6 === undefined ? {} : { Ipv6Ranges: [{ CidrIpv6 }] }),
  }));
  if (IpPermissions.length === 0) return;
  await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: group, IpPermissions }));
}

/** The program's own rule has a description. */
function isOfNewGroup(rule: SecurityGroupRule): boolean {
  const { IsEgress, IpProtocol, CidrIpv4, CidrIpv6, Description = "", Tags = [] } = rule;
  const everywhere = CidrIpv4 === "0.0.0.0/0" || CidrIpv6 === "::/0";
  return IsEgress === true && IpProtocol === "-1" && everywhere && Description === "" && Tags.length === 0;
}
