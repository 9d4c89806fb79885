import {
  type _InstanceType as InstanceType,
  RunInstancesCommand,
  TerminateInstancesCommand,
  waitUntilInstanceRunning,
  waitUntilInstanceTerminated,
} from "@aws-sdk/client-ec2";
import type { Props } from "../../protocol/property-values";
import { doing } from "./aws-error";
import { type AwsType, optionalText, text } from "./aws-type";
import type { Aws } from "./clients";
import { capitalised, INSTANCE_GONE, readInstance, rootDeviceOf } from "./instance-read";
import { updateInstance } from "./instance-update";
import { tagSpecifications } from "./tags";

const CREATE_SECONDS = 600;
const DELETE_SECONDS = 1200;

/** `aws.ec2.Instance`. Its id is AWS's, for example `i-0123456789abcdef0`. */
export const instance: AwsType = {
  inputs: {
    ami: { required: true, replaces: true },
    instanceType: { required: true },
    subnetId: { computed: true, replaces: true },
    vpcSecurityGroupIds: { computed: true, compare: "set" },
    iamInstanceProfile: { computed: true },
    userData: {},
    metadataOptions: {
      computed: true,
      fields: {
        httpEndpoint: { computed: true },
        httpTokens: { computed: true },
        httpPutResponseHopLimit: { computed: true },
      },
    },
    rootBlockDevice: {
      computed: true,
      fields: {
        encrypted: { computed: true, replaces: true },
        tags: {},
      },
    },
    tags: {},
  },
  computed: [
    "arn",
    "availabilityZone",
    "iamInstanceProfile",
    "instanceState",
    "metadataOptions",
    "primaryNetworkInterfaceId",
    "privateDns",
    "privateIp",
    "publicDns",
    "publicIp",
    "region",
    "rootBlockDevice",
    "subnetId",
    "vpcSecurityGroupIds",
  ],
  // A server that is stopped and started comes back under another address.
  unsettled: (changed) => (changed.has("instanceType") || changed.has("userData") ? ["publicDns", "publicIp"] : []),
  create: async (inputs, aws, made) => {
    const { Instances } = await doing("creating EC2 Instance", async () =>
      aws.ec2.send(new RunInstancesCommand(await order(inputs, aws))),
    );
    const id = Instances?.[0]?.InstanceId ?? "";
    made(id);
    await doing(`waiting for EC2 Instance (${id}) create`, () =>
      waitUntilInstanceRunning(
        { client: aws.ec2, maxWaitTime: CREATE_SECONDS, minDelay: 1, maxDelay: 10 },
        { InstanceIds: [id] },
      ),
    );
  },
  read: (id, _known, aws) => readInstance(id, aws),
  update: (change, aws) => doing(`updating EC2 Instance (${change.id})`, () => updateInstance(change, aws)),
  delete: async (id, _state, aws) => {
    const work = () => aws.ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
    if (!(await doing(`terminating EC2 Instance (${id})`, work, INSTANCE_GONE))) return;
    await doing(`waiting for EC2 Instance (${id}) delete`, () =>
      waitUntilInstanceTerminated(
        { client: aws.ec2, maxWaitTime: DELETE_SECONDS, minDelay: 1, maxDelay: 10 },
        { InstanceIds: [id] },
      ),
    );
  },
};

async function order(inputs: Props, aws: Aws) {
  const metadata = (inputs.metadataOptions ?? {}) as Props;
  const { tags: volumeTags, ...disk } = (inputs.rootBlockDevice ?? {}) as Props;
  return {
    MinCount: 1,
    MaxCount: 1,
    ImageId: text(inputs.ami),
    InstanceType: text(inputs.instanceType) as InstanceType,
    SubnetId: optionalText(inputs.subnetId),
    SecurityGroupIds: inputs.vpcSecurityGroupIds as string[] | undefined,
    ...(inputs.iamInstanceProfile ? { IamInstanceProfile: { Name: text(inputs.iamInstanceProfile) } } : {}),
    ...(inputs.userData ? { UserData: Buffer.from(text(inputs.userData)).toString("base64") } : {}),
    ...(Object.keys(metadata).length > 0 ? { MetadataOptions: capitalised(metadata) } : {}),
    ...(Object.keys(disk).length > 0 ? { BlockDeviceMappings: [await rootMapping(text(inputs.ami), disk, aws)] } : {}),
    TagSpecifications: [...tagSpecifications("instance", inputs.tags), ...tagSpecifications("volume", volumeTags)],
  };
}

async function rootMapping(ami: string, disk: Props, aws: Aws) {
  const { device, size } = await rootDeviceOf(ami, aws);
  return { DeviceName: device, Ebs: { ...(size === undefined ? {} : { VolumeSize: size }), ...capitalised(disk) } };
}
