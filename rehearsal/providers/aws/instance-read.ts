import {
  DescribeImagesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInstancesCommand,
  DescribeVolumesCommand,
  type Instance,
} from "@aws-sdk/client-ec2";
import type { Props } from "../../protocol/property-values";
import { doing } from "./aws-error";
import type { Aws } from "./clients";
import { tagMap } from "./tags";

export const INSTANCE_GONE = ["InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed"];

/** The instance as AWS describes it; undefined if there is none, or none any more: terminated ones stay listed for a while. */
export async function describeInstance(id: string, aws: Aws): Promise<Instance | undefined> {
  const work = () => aws.ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const found = await doing(`reading EC2 Instance (${id})`, work, INSTANCE_GONE);
  const instance = found?.Reservations?.[0]?.Instances?.[0];
  return instance?.State?.Name === "terminated" ? undefined : instance;
}

/** State of an instance, as the provider keeps it. */
export async function readInstance(id: string, aws: Aws): Promise<Props | undefined> {
  const found = await describeInstance(id, aws);
  if (!found) return undefined;
  const [account, userData, rootBlockDevice] = await Promise.all([
    aws.accountId(),
    userDataOf(id, aws),
    readRootDevice(found, aws),
  ]);
  const metadata = found.MetadataOptions;
  return {
    arn: `arn:aws:ec2:${aws.region}:${account}:instance/${id}`,
    ami: found.ImageId ?? "",
    instanceType: found.InstanceType ?? "",
    instanceState: found.State?.Name ?? "",
    availabilityZone: found.Placement?.AvailabilityZone ?? "",
    subnetId: found.SubnetId ?? "",
    vpcSecurityGroupIds: (found.SecurityGroups ?? []).map(({ GroupId }) => GroupId ?? "").sort(),
    publicIp: found.PublicIpAddress ?? "",
    publicDns: found.PublicDnsName ?? "",
    privateIp: found.PrivateIpAddress ?? "",
    privateDns: found.PrivateDnsName ?? "",
    primaryNetworkInterfaceId: found.NetworkInterfaces?.[0]?.NetworkInterfaceId ?? "",
    iamInstanceProfile: found.IamInstanceProfile?.Arn?.split("/").at(-1) ?? "",
    userData,
    metadataOptions: {
      httpEndpoint: metadata?.HttpEndpoint ?? "enabled",
      httpTokens: metadata?.HttpTokens ?? "optional",
      httpPutResponseHopLimit: metadata?.HttpPutResponseHopLimit ?? 1,
    },
    rootBlockDevice,
    region: aws.region,
    tags: tagMap(found.Tags),
  };
}

/** AWS's API names these fields as the provider does, but for the first letter. */
export function capitalised(fields: Props): Props {
  const own = Object.entries(fields).filter(([key]) => !key.startsWith("__"));
  return Object.fromEntries(own.map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), value]));
}

/** Device that an image's system is on, and its size in GiB: an order that says anything about the disk has to name both. */
export async function rootDeviceOf(ami: string, aws: Aws): Promise<{ device: string; size: number | undefined }> {
  const { Images } = await aws.ec2.send(new DescribeImagesCommand({ ImageIds: [ami] }));
  const image = Images?.[0];
  const device = image?.RootDeviceName ?? "/dev/xvda";
  const mapping = image?.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === device);
  return { device, size: mapping?.Ebs?.VolumeSize };
}

/** The instance's user data, in clear; empty if it has none. */
async function userDataOf(id: string, aws: Aws): Promise<string> {
  const { UserData } = await aws.ec2.send(
    new DescribeInstanceAttributeCommand({ InstanceId: id, Attribute: "userData" }),
  );
  return Buffer.from(UserData?.Value ?? "", "base64").toString();
}

export function rootVolumeId(instance: Instance): string | undefined {
  const mappings = instance.BlockDeviceMappings ?? [];
  return (mappings.find(({ DeviceName }) => DeviceName === instance.RootDeviceName) ?? mappings[0])?.Ebs?.VolumeId;
}

async function readRootDevice(instance: Instance, aws: Aws): Promise<Props> {
  const volumeId = rootVolumeId(instance);
  if (!volumeId) return {};
  const { Volumes } = await aws.ec2.send(new DescribeVolumesCommand({ VolumeIds: [volumeId] }));
  const volume = Volumes?.[0];
  const mapping = instance.BlockDeviceMappings?.find(({ Ebs }) => Ebs?.VolumeId === volumeId);
  return {
    deviceName: mapping?.DeviceName ?? "",
    volumeId,
    encrypted: volume?.Encrypted ?? false,
    tags: tagMap(volume?.Tags),
  };
}
