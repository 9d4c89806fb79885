import "../stack/aws-sdk-notice";
import {
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
  type SecurityGroupRule,
} from "@aws-sdk/client-ec2";
import type { AwsClientSettings } from "../../domain/aws-access";

/**
 * Ends the creation of a security group that was cut off half-way: AWS lets a new group reach everything, and the provider takes
 * that rule away at once. Left there, it would keep the program's own from being made.
 */
export async function finishSecurityGroup(settings: AwsClientSettings, group: string): Promise<void> {
  const ec2 = new EC2Client(settings);
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

/** The program's own has a description, and tags. */
function isOfNewGroup(rule: SecurityGroupRule): boolean {
  const { IsEgress, IpProtocol, CidrIpv4, CidrIpv6, Description = "", Tags = [] } = rule;
  const everywhere = CidrIpv4 === "0.0.0.0/0" || CidrIpv6 === "::/0";
  return IsEgress === true && IpProtocol === "-1" && everywhere && Description === "" && Tags.length === 0;
}
