import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupEgressCommand,
} from "@aws-sdk/client-ec2";
import { doing } from "./aws-error";
import { type AwsType, text } from "./aws-type";
import type { Aws } from "./clients";
import { retagEc2, tagMap, tagSpecifications } from "./tags";

const GONE = ["InvalidGroup.NotFound", "InvalidGroupId.Malformed"];

/** `aws.ec2.SecurityGroup`; rules are resources of their own. Its id is AWS's, for example `sg-0123456789abcdef0`. */
export const securityGroup: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
    description: { default: "Managed by Pulumi", replaces: true },
    vpcId: { computed: true, replaces: true },
    tags: {},
  },
  computed: ["arn", "ownerId", "region", "vpcId"],
  create: async (inputs, aws, made) => {
    const name = text(inputs.name);
    const { GroupId = "" } = await doing(`creating Security Group (${name})`, () =>
      aws.ec2.send(
        new CreateSecurityGroupCommand({
          GroupName: name,
          Description: text(inputs.description),
          ...(inputs.vpcId ? { VpcId: text(inputs.vpcId) } : {}),
          TagSpecifications: tagSpecifications("security-group", inputs.tags),
        }),
      ),
    );
    made(GroupId);
    // AWS lets a new group reach everything; the provider wants every rule declared.
    const { IpPermissionsEgress = [] } = (await describe(GroupId, aws)) ?? {};
    if (IpPermissionsEgress.length > 0) {
      await doing(`revoking default egress rule for Security Group (${GroupId})`, () =>
        aws.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissionsEgress })),
      );
    }
  },
  read: async (id, _known, aws) => {
    const group = await describe(id, aws);
    if (!group) return undefined;
    return {
      arn: `arn:aws:ec2:${aws.region}:${group.OwnerId}:security-group/${id}`,
      name: group.GroupName ?? "",
      description: group.Description ?? "",
      ownerId: group.OwnerId ?? "",
      vpcId: group.VpcId ?? "",
      region: aws.region,
      tags: tagMap(group.Tags),
    };
  },
  update: ({ id, olds, news }, aws) =>
    doing(`updating tags for Security Group (${id})`, () => retagEc2(aws, id, olds.tags, news.tags)),
  delete: async (id, _state, aws) => {
    const work = () => aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
    await doing(`deleting Security Group (${id})`, work, GONE);
  },
};

async function describe(id: string, aws: Aws) {
  const work = () => aws.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  return (await doing(`reading Security Group (${id})`, work, GONE))?.SecurityGroups?.[0];
}
