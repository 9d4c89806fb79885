/** Prepares the emulated AWS account: network, image and security group, which production has before the first `up`. */
import "../../ops/stack/aws-client";
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  RegisterImageCommand,
  type ResourceType,
} from "@aws-sdk/client-ec2";
import { isPlaceholder } from "../../domain/placeholders";
import type { MotoServer } from "./moto";
import { ServerError } from "./server-error";

/** Whatever the rehearsal made in the account carries this tag, and is found by it again. */
const OWNER_TAG = { Key: "made-by", Value: "rehearsal" };
const IMAGE_NAME = "rehearsal-server";
const ROOT_DEVICE = "/dev/xvda";
const DATABASE_GROUP_NAME = "rehearsal-database";
const VPC_CIDR = "10.20.0.0/16";
const ZONES = ["a", "b"];
/** The VPC's range holds as many subnets of a sixteenth of it. */
const MOST_SUBNETS = 16;
/** A subnet is given the id that this tag has. */
const ASKED_ID_TAG = "rehearsal-id";

/** What the program takes as given in production, as its settings name it. */
export interface AccountSettings {
  readonly network: {
    readonly vpcId: string;
    readonly subnetIds: readonly string[];
    readonly databaseSecurityGroupId: string;
  };
  readonly server: { readonly ami: string };
}

/**
 * Makes in the account what the program takes as given, so far as it is not there yet. The subnets have the ids that they have in
 * production, since tenant files may name them; a placeholder gets an id.
 *
 * @param settingsIds For example `subnet-0123456789abcdef0`, at most 16.
 */
export async function prepareAccount(
  { endpoint, credentials }: Pick<MotoServer, "endpoint" | "credentials">,
  region: string,
  settingsIds: readonly string[],
): Promise<AccountSettings> {
  const subnetIds = settingsIds.map((id, index) =>
    isPlaceholder(id) ? `subnet-${String(index + 1).padStart(17, "0")}` : id,
  );
  if (subnetIds.length > MOST_SUBNETS) {
    const advice = "Name fewer in the setting b2b-tenants:network.subnetIds.";
    throw new ServerError(
      `The rehearsal has room for ${MOST_SUBNETS} subnets, and the settings name ${subnetIds.length}`,
      advice,
    );
  }
  const ec2 = new EC2Client({ endpoint, credentials, region });
  try {
    const vpcId = await theVpc(ec2);
    for (const [index, id] of subnetIds.entries()) await makeSubnet(ec2, vpcId, region, index, id);
    const databaseSecurityGroupId = await theDatabaseGroup(ec2, vpcId);
    return { network: { vpcId, subnetIds, databaseSecurityGroupId }, server: { ami: await theImage(ec2) } };
  } finally {
    ec2.destroy();
  }
}

async function theVpc(ec2: EC2Client): Promise<string> {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [ownFilter()] }));
  const there = Vpcs?.[0]?.VpcId;
  if (there) return there;
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: VPC_CIDR, TagSpecifications: ownTags("vpc") }));
  const VpcId = Vpc?.VpcId ?? "";
  // Without it no server has a public host name.
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  return VpcId;
}

async function makeSubnet(ec2: EC2Client, VpcId: string, region: string, index: number, id: string): Promise<void> {
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: "subnet-id", Values: [id] }] }));
  if (Subnets?.[0]) return;
  const request = {
    VpcId,
    CidrBlock: `10.20.${index * 16}.0/20`,
    AvailabilityZone: `${region}${ZONES[index % ZONES.length]}`,
    TagSpecifications: [{ ResourceType: "subnet" as const, Tags: [OWNER_TAG, { Key: ASKED_ID_TAG, Value: id }] }],
  };
  const { Subnet } = await ec2.send(new CreateSubnetCommand(request));
  await ec2.send(
    new ModifySubnetAttributeCommand({ SubnetId: Subnet?.SubnetId, MapPublicIpOnLaunch: { Value: true } }),
  );
}

async function theDatabaseGroup(ec2: EC2Client, VpcId: string): Promise<string> {
  const Filters = [
    { Name: "vpc-id", Values: [VpcId] },
    { Name: "group-name", Values: [DATABASE_GROUP_NAME] },
  ];
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const there = SecurityGroups?.[0]?.GroupId;
  if (there) return there;
  const described = { GroupName: DATABASE_GROUP_NAME, Description: "The shared database", VpcId };
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ ...described, TagSpecifications: ownTags("security-group") }),
  );
  return GroupId ?? "";
}

async function theImage(ec2: EC2Client): Promise<string> {
  const { Images } = await ec2.send(new DescribeImagesCommand({ Filters: [{ Name: "name", Values: [IMAGE_NAME] }] }));
  const there = Images?.[0]?.ImageId;
  if (there) return there;
  const BlockDeviceMappings = [{ DeviceName: ROOT_DEVICE, Ebs: { VolumeSize: 8 } }];
  const request = { Name: IMAGE_NAME, RootDeviceName: ROOT_DEVICE, BlockDeviceMappings };
  return (await ec2.send(new RegisterImageCommand(request))).ImageId ?? "";
}

function ownFilter() {
  return { Name: `tag:${OWNER_TAG.Key}`, Values: [OWNER_TAG.Value] };
}

function ownTags(ResourceType: ResourceType) {
  return [{ ResourceType, Tags: [OWNER_TAG] }];
}
