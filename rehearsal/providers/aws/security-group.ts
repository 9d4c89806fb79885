import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { doing, unlessAwsError } from "./aws-error";
import { type AwsType, text } from "./aws-type";
import type { Aws } from "./clients";
import { retagEc2, tagMap, tagSpecifications } from "./tags";

const GONE = ["InvalidGroup.NotFound", "InvalidGroupId.Malformed"];

/** `aws.ec2.SecurityGroup` without rules of its own: rules are resources of their own. Its id is AWS's, as `sg-0123456789abcdef0`. */
export const securityGroup: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
    description: { default: "Managed by Pulumi", replaces: true },
    vpcId: { computed: true, replaces: true },
    revokeRulesOnDelete: { default: false },
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
  read: async (id, known, aws) => {
    const group = await doing(`reading Security Group (${id})`, () => describe(id, aws));
    if (!group) return undefined;
    return {
      arn: `arn:aws:ec2:${aws.region}:${group.OwnerId}:security-group/${id}`,
      name: group.GroupName ?? "",
      description: group.Description ?? "",
      ownerId: group.OwnerId ?? "",
      vpcId: group.VpcId ?? "",
      // Known to the provider alone.
      revokeRulesOnDelete: known.revokeRulesOnDelete ?? false,
      region: aws.region,
      tags: tagMap(group.Tags),
    };
  },
  update: ({ id, olds, news }, aws) =>
    doing(`updating tags for Security Group (${id})`, () => retagEc2(aws, id, olds.tags, news.tags)),
  delete: async (id, state, aws) => {
    if (state.revokeRulesOnDelete === true) await revokeRules(id, aws);
    await doing(`deleting Security Group (${id})`, () =>
      unlessAwsError(aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId: id })), GONE, undefined),
    );
  },
};

async function describe(id: string, aws: Aws) {
  const found = await unlessAwsError(
    aws.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] })),
    GONE,
    undefined,
  );
  return found?.SecurityGroups?.[0];
}

async function revokeRules(GroupId: string, aws: Aws): Promise<void> {
  const { IpPermissions = [], IpPermissionsEgress = [] } = (await describe(GroupId, aws)) ?? {};
  await doing(`revoking Security Group (${GroupId}) rules`, async () => {
    if (IpPermissions.length > 0) await aws.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
    if (IpPermissionsEgress.length > 0) {
      await aws.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: IpPermissionsEgress }));
    }
  });
}
