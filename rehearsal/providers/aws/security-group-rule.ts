import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  type AuthorizeSecurityGroupIngressCommandInput,
  DescribeSecurityGroupRulesCommand,
  type IpPermission,
  ModifySecurityGroupRulesCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import type { PropertyValue, Props } from "../../protocol/property-values";
import { doing } from "./aws-error";
import { type AwsType, optionalText, text } from "./aws-type";
import type { Aws } from "./clients";
import { retagEc2, tagMap, tagSpecifications } from "./tags";

const GONE = ["InvalidGroup.NotFound", "InvalidSecurityGroupRuleId.NotFound"];
const SOURCES = ["cidrIpv4", "cidrIpv6", "referencedSecurityGroupId"] as const;

/** `aws.vpc.SecurityGroupIngressRule`. Its id is AWS's, for example `sgr-0123456789abcdef0`. */
export const ingressRule = ruleType("Ingress");
/** `aws.vpc.SecurityGroupEgressRule`. */
export const egressRule = ruleType("Egress");

function ruleType(direction: "Ingress" | "Egress"): AwsType {
  const label = `EC2 Security Group ${direction} Rule`;
  const authorize = (request: AuthorizeSecurityGroupIngressCommandInput, { ec2 }: Aws) =>
    direction === "Ingress"
      ? ec2.send(new AuthorizeSecurityGroupIngressCommand(request))
      : ec2.send(new AuthorizeSecurityGroupEgressCommand({ ...request, GroupId: request.GroupId ?? "" }));
  const revoke = (GroupId: string, SecurityGroupRuleIds: string[], { ec2 }: Aws) =>
    direction === "Ingress"
      ? ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds }))
      : ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, SecurityGroupRuleIds }));
  return {
    inputs: {
      securityGroupId: { required: true, replaces: true },
      ipProtocol: { required: true },
      fromPort: {},
      toPort: {},
      cidrIpv4: {},
      cidrIpv6: {},
      referencedSecurityGroupId: {},
      description: {},
      tags: {},
    },
    computed: ["arn", "region", "securityGroupRuleId"],
    validate: (inputs) => {
      const given = SOURCES.filter((source) => inputs[source] !== undefined);
      if (given.length === 1) return [];
      const reason = `exactly one of ${SOURCES.join(", ")} must be given, got ${given.join(", ") || "none"}`;
      return [{ property: given[0] ?? SOURCES[0], reason }];
    },
    // A rule can be pointed at another network, but not from a network to a group.
    replacing: ({ olds, news }) => {
      const [before, after] = [sourceOf(olds), sourceOf(news)];
      return before === after ? [] : [before, after].filter((source) => source !== undefined);
    },
    create: async (inputs, aws, made) => {
      const id = await doing(`creating ${label}`, async () => {
        const { SecurityGroupRules } = await authorize(
          {
            GroupId: text(inputs.securityGroupId),
            IpPermissions: [permission(inputs)],
            TagSpecifications: tagSpecifications("security-group-rule", inputs.tags),
          },
          aws,
        );
        return SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? "";
      });
      made(id);
    },
    read: async (id, known, aws) => {
      const work = () => aws.ec2.send(new DescribeSecurityGroupRulesCommand({ SecurityGroupRuleIds: [id] }));
      const found = await doing(`reading ${label} (${id})`, work, GONE);
      const rule = found?.SecurityGroupRules?.[0];
      if (!rule) return undefined;
      return {
        arn: `arn:aws:ec2:${aws.region}:${rule.GroupOwnerId ?? (await aws.accountId())}:security-group-rule/${id}`,
        securityGroupRuleId: id,
        securityGroupId: rule.GroupId ?? "",
        ipProtocol: rule.IpProtocol ?? "",
        ...portOf("fromPort", rule.FromPort, known),
        ...portOf("toPort", rule.ToPort, known),
        cidrIpv4: rule.CidrIpv4 ?? "",
        cidrIpv6: rule.CidrIpv6 ?? "",
        referencedSecurityGroupId: rule.ReferencedGroupInfo?.GroupId ?? "",
        description: rule.Description ?? "",
        region: aws.region,
        tags: tagMap(rule.Tags),
      };
    },
    update: async ({ id, olds, news, changed }, aws) => {
      await doing(`updating ${label} (${id})`, async () => {
        if ([...changed].some((key) => key !== "tags")) {
          const request = { SecurityGroupRuleId: id, SecurityGroupRule: ruleRequest(news) };
          const GroupId = text(news.securityGroupId);
          await aws.ec2.send(new ModifySecurityGroupRulesCommand({ GroupId, SecurityGroupRules: [request] }));
        }
        await retagEc2(aws, id, olds.tags, news.tags);
      });
    },
    delete: async (id, state, aws) => {
      await doing(`deleting ${label} (${id})`, () => revoke(text(state.securityGroupId), [id], aws), GONE);
    },
  };
}

function sourceOf(properties: Props): string | undefined {
  return SOURCES.find((source) => text(properties[source]) !== "");
}

/** "All protocols" has no ports; AWS then answers -1, or nothing. */
function portOf(key: string, port: number | undefined, known: Props): Props {
  return port === undefined || (port === -1 && known[key] === undefined) ? {} : { [key]: port };
}

function ports(properties: Props): { FromPort?: number; ToPort?: number } {
  const port = (value: PropertyValue | undefined) =>
    value === undefined || value === null ? undefined : Number(value);
  return { FromPort: port(properties.fromPort), ToPort: port(properties.toPort) };
}

function permission(inputs: Props): IpPermission {
  const Description = optionalText(inputs.description);
  const rule: IpPermission = { IpProtocol: text(inputs.ipProtocol), ...ports(inputs) };
  if (inputs.cidrIpv4) rule.IpRanges = [{ CidrIp: text(inputs.cidrIpv4), Description }];
  if (inputs.cidrIpv6) rule.Ipv6Ranges = [{ CidrIpv6: text(inputs.cidrIpv6), Description }];
  if (inputs.referencedSecurityGroupId) {
    rule.UserIdGroupPairs = [{ GroupId: text(inputs.referencedSecurityGroupId), Description }];
  }
  return rule;
}

function ruleRequest(inputs: Props) {
  return {
    IpProtocol: text(inputs.ipProtocol),
    ...ports(inputs),
    CidrIpv4: optionalText(inputs.cidrIpv4),
    CidrIpv6: optionalText(inputs.cidrIpv6),
    ReferencedGroupId: optionalText(inputs.referencedSecurityGroupId),
    Description: optionalText(inputs.description),
  };
}
