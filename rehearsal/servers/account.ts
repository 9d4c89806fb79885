import "../aws-sdk-notice";
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
import type { MotoServer } from "./moto";

/** Whatever the rehearsal made in the account carries this tag, and is found by it again. */
const OWNER_TAG = { Key: "made-by", Value: "rehearsal" };
const IMAGE_NAME = "rehearsal-server";
const ROOT_DEVICE = "/dev/xvda";
const DATABASE_GROUP_NAME = "rehearsal-database";
const VPC_CIDR = "10.20.0.0/16";
const SUBNETS = [
  { zone: "a", cidr: "10.20.0.0/20" },
  { zone: "b", cidr: "10.20.16.0/20" },
];

/** What the program takes as given in production, as its settings name it. */
export interface AccountSettings {
  readonly network: {
    readonly vpcId: string;
    readonly subnetIds: readonly string[];
    readonly databaseSecurityGroupId: string;
  };
  readonly server: { readonly ami: string };
}

/** Makes in the account what the program takes as given, so far as it is not there yet. */
export async function prepareAccount(
  { endpoint, credentials }: Pick<MotoServer, "endpoint" | "credentials">,
  region: string,
): Promise<AccountSettings> {
  const ec2 = new EC2Client({ endpoint, credentials, region });
  try {
    const vpcId = await theVpc(ec2);
    const subnetIds = [];
    for (const { zone, cidr } of SUBNETS) subnetIds.push(await theSubnet(ec2, vpcId, `${region}${zone}`, cidr));
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

async function theSubnet(ec2: EC2Client, VpcId: string, AvailabilityZone: string, CidrBlock: string): Promise<string> {
  const Filters = [
    ownFilter(),
    { Name: "vpc-id", Values: [VpcId] },
    { Name: "availability-zone", Values: [AvailabilityZone] },
  ];
  const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ Filters }));
  const there = Subnets?.[0]?.SubnetId;
  if (there) return there;
  const request = { VpcId, CidrBlock, AvailabilityZone, TagSpecifications: ownTags("subnet") };
  const SubnetId = (await ec2.send(new CreateSubnetCommand(request))).Subnet?.SubnetId ?? "";
  await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
  return SubnetId;
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
