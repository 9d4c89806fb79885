import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  RevokeSecurityGroupEgressCommand,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import type { FunctionHandler } from "../stand-in";
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
    return group && { ...stateOf(group, aws), ownerId: group.OwnerId ?? "" };
  },
  update: ({ id, olds, news }, aws) =>
    doing(`updating tags for Security Group (${id})`, () => retagEc2(aws, id, olds.tags, news.tags)),
  delete: async (id, _state, aws) => {
    const work = () => aws.ec2.send(new DeleteSecurityGroupCommand({ GroupId: id }));
    await doing(`deleting Security Group (${id})`, work, GONE);
  },
};

/** `aws.ec2.getSecurityGroup`: the one group that has the name, in the VPC. */
export const getSecurityGroup: FunctionHandler<Aws> = {
  inputs: ["name", "vpcId"],
  invoke: async (args, aws) => {
    const names = Object.entries({ "group-name": args.name, "vpc-id": args.vpcId });
    const Filters = names.flatMap(([Name, value]) => (value ? [{ Name, Values: [text(value)] }] : []));
    const { SecurityGroups: [group, second] = [] } = await aws.ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    if (group && !second) return { ...stateOf(group, aws), id: group.GroupId ?? "" };
    const found = group
      ? "multiple EC2 Security Groups matched; use additional constraints to reduce matches to a single EC2 Security Group"
      : "no matching EC2 Security Group found";
    throw new Error(`invoking aws:ec2/getSecurityGroup:getSecurityGroup: 1 error occurred:\n\t* ${found}\n\n`);
  },
};

function stateOf(group: SecurityGroup, aws: Aws) {
  return {
    arn: `arn:aws:ec2:${aws.region}:${group.OwnerId}:security-group/${group.GroupId}`,
    name: group.GroupName ?? "",
    description: group.Description ?? "",
    vpcId: group.VpcId ?? "",
    region: aws.region,
    tags: tagMap(group.Tags),
  };
}

async function describe(id: string, aws: Aws) {
  const work = () => aws.ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [id] }));
  return (await doing(`reading Security Group (${id})`, work, GONE))?.SecurityGroups?.[0];
}
