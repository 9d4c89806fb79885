import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import { serverGroupName } from "../../domain/names";
import type { DatabaseSettings, NetworkSettings } from "../../domain/settings-spec";
import { neverSkipped, unlessFailed } from "../after-failure";

export interface ServerNetworkArgs {
  /** What the stacks share whose servers are in the group. */
  readonly environment: string;
  /** The database that the servers reach. Caution: another one is another group, which all servers move to. */
  readonly database: DatabaseSettings;
  readonly network: NetworkSettings;
}

/** The security group that the servers of all tenants of a database are in. */
export interface ServerGroup {
  readonly id: pulumi.Output<string>;
  /** Without them the group lets nothing through, in or out. They are known where the group is declared. */
  readonly rules: readonly pulumi.Resource[];
}

/**
 * What reaches the servers of all tenants of a database, and what they reach: one group, which exactly one stack declares. A group for each server
 * would let the same through, and AWS allows a group no more than 60 rules, so that the database's would admit 60 tenants.
 *
 * Rules are resources of their own: rules inside the group would be replaced as one, with nothing let through in between.
 */
export class ServerNetwork extends pulumi.ComponentResource implements ServerGroup {
  readonly id: pulumi.Output<string>;
  readonly rules: readonly pulumi.Resource[];

  constructor(name: string, args: ServerNetworkArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("b2b:index:ServerNetwork", name, {}, neverSkipped(opts));
    const { environment, database, network } = args;
    const group = new ec2.SecurityGroup(
      `${name}-security-group`,
      {
        name: serverGroupName(environment, database),
        description: "Servers of all tenants of a database",
        vpcId: network.vpcId,
        tags: { Name: `${environment}-servers`, environment, "managed-by": "b2b-tenants" },
      },
      // A component's dependencies are not its children's: they are handed on.
      { parent: this, ...(opts.dependsOn ? { dependsOn: opts.dependsOn } : {}) },
    );
    this.id = unlessFailed(group.id, "sg-00000000000000000");
    this.rules = declareRules(this, name, this.id, args);
    this.registerOutputs({});
  }
}

function declareRules(
  parent: ServerNetwork,
  name: string,
  securityGroupId: pulumi.Output<string>,
  { database, network }: ServerNetworkArgs,
): pulumi.Resource[] {
  const ingress = network.ingress.map(
    ({ port, cidr, description }) =>
      new vpc.SecurityGroupIngressRule(
        // `::`, which an IPv6 range may hold, separates the parts of a URN.
        `${name}-ingress-${port}-${cidr.replaceAll(":", "_")}`,
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
    `${name}-egress`,
    {
      securityGroupId,
      cidrIpv4: "0.0.0.0/0",
      ipProtocol: "-1",
      description: "To the database, AWS and package mirrors",
    },
    { parent },
  );
  const databaseAccess = new vpc.SecurityGroupIngressRule(
    `${name}-database-access`,
    {
      securityGroupId: network.databaseSecurityGroupId,
      referencedSecurityGroupId: securityGroupId,
      ipProtocol: "tcp",
      fromPort: database.port,
      toPort: database.port,
      description: "Servers of tenants",
    },
    { parent },
  );
  return [...ingress, egress, databaseAccess];
}

/**
 * The group in a stack that does not declare it. A preview before the first deployment of the stack that does cannot know it yet, and says so.
 *
 * @throws pulumi.RunError in an `up` without that group, or when AWS does not answer.
 */
export async function findServerGroup({ environment, database, network }: ServerNetworkArgs): Promise<ServerGroup> {
  const name = serverGroupName(environment, database);
  try {
    const { id } = await ec2.getSecurityGroup({ name, vpcId: network.vpcId });
    return { id: pulumi.output(id), rules: [] };
  } catch (error) {
    const { message } = error as Error;
    if (!NO_GROUP.test(message)) throw new pulumi.RunError(`cannot look up security group ${name}: ${message}`);
    const missing =
      `there is no security group ${name} in ${network.vpcId} yet: the fleet stack of this database declares it, and has not been deployed. ` +
      "Deploy it first; npx b2b-tenants fleet up does so.";
    if (!pulumi.runtime.isDryRun()) throw new pulumi.RunError(missing);
    void pulumi.log.warn(missing);
    return { id: pulumi.output(pulumi.unknown as unknown as string), rules: [] };
  }
}

/** What the provider says when nothing fits. */
const NO_GROUP = /no matching .*security group.* found/i;
