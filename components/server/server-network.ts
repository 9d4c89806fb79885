import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import type * as pulumi from "@pulumi/pulumi";
import type { NetworkSettings } from "../../domain/settings-spec";
import { unlessFailed } from "../after-failure";

export interface ServerNetworkArgs {
  /** The tenant's short name. */
  readonly slug: string;
  readonly network: NetworkSettings;
  readonly databasePort: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** What reaches a tenant's server, and what it reaches. */
export interface ServerNetwork {
  readonly securityGroupId: pulumi.Output<string>;
  /** Without them the group lets nothing through, in or out. */
  readonly rules: pulumi.Resource[];
}

/**
 * Declares the security group of a tenant's server as a child of `parent`, and its rules as resources of their own: rules
 * inside the group would be replaced as one, with nothing let through in between.
 */
export function createServerNetwork(parent: pulumi.Resource, args: ServerNetworkArgs): ServerNetwork {
  const { slug, network, tags } = args;
  const securityGroup = new ec2.SecurityGroup(
    `${slug}-security-group`,
    { description: `Server of tenant ${slug}`, vpcId: network.vpcId, tags },
    { parent },
  );
  const securityGroupId = unlessFailed(securityGroup.id, "sg-00000000000000000");
  const ingress = network.ingress.map(
    ({ port, cidr, description }) =>
      new vpc.SecurityGroupIngressRule(
        // `::`, which an IPv6 range may hold, separates the parts of a URN.
        `${slug}-ingress-${port}-${cidr.replaceAll(":", "_")}`,
        {
          securityGroupId,
          ...(cidr.includes(":") ? { cidrIpv6: cidr } : { cidrIpv4: cidr }),
          ipProtocol: "tcp",
          fromPort: port,
          toPort: port,
          description,
        },
        { parent },
      ),
  );
  const egress = new vpc.SecurityGroupEgressRule(
    `${slug}-egress`,
    {
      securityGroupId,
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "-1",
      description: "To the database, AWS and package mirrors",
    },
    { parent },
  );
  // One rule a tenant in the database's group: AWS allows 60 of them until the account's quota is raised.
  const databaseAccess = new vpc.SecurityGroupIngressRule(
    `${slug}-database-access`,
    {
      securityGroupId: network.databaseSecurityGroupId,
      referencedSecurityGroupId: securityGroupId,
      ipProtocol: "tcp",
      fromPort: args.databasePort,
      toPort: args.databasePort,
      description: `Server of tenant ${slug}`,
    },
    { parent },
  );
  return { securityGroupId, rules: [...ingress, egress, databaseAccess] };
}
