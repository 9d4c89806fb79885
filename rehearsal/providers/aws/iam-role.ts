import {
  CreateRoleCommand,
  DeleteRoleCommand,
  GetRoleCommand,
  ListInstanceProfilesForRoleCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { doing } from "./aws-error";
import { type AwsType, optionalText, text } from "./aws-type";
import type { Aws } from "./clients";
import { retag, tagList, tagMap } from "./tags";

const MAX_NAME_LENGTH = 64;
const GONE = ["NoSuchEntity", "NoSuchEntityException"];

/** `aws.iam.Role`. Its id is its name. */
export const iamRole: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
    assumeRolePolicy: { required: true, compare: "document" },
    description: {},
    path: { default: "/", replaces: true },
    tags: {},
  },
  computed: ["arn", "createDate", "uniqueId"],
  validate: (inputs) => {
    const name = text(inputs.name);
    if (name.length <= MAX_NAME_LENGTH && /^[\w+=,.@-]+$/.test(name)) return [];
    const reason = `expected name to have 1 to ${MAX_NAME_LENGTH} of the characters A-Z, a-z, 0-9 and +=,.@_-, got ${name}`;
    return [{ property: "name", reason }];
  },
  create: async (inputs, aws, made) => {
    const name = text(inputs.name);
    const request = {
      RoleName: name,
      AssumeRolePolicyDocument: text(inputs.assumeRolePolicy),
      Path: text(inputs.path),
      Description: optionalText(inputs.description),
      Tags: tagList(inputs.tags),
    };
    await doing(`creating IAM Role (${name})`, () => aws.iam.send(new CreateRoleCommand(request)));
    made(name);
  },
  read: async (RoleName, _known, aws) => {
    const work = () => aws.iam.send(new GetRoleCommand({ RoleName }));
    const role = (await doing(`reading IAM Role (${RoleName})`, work, GONE))?.Role;
    if (!role) return undefined;
    return {
      arn: role.Arn ?? "",
      name: role.RoleName ?? RoleName,
      assumeRolePolicy: decodeURIComponent(role.AssumeRolePolicyDocument ?? ""),
      createDate: role.CreateDate?.toISOString().replace(/\.\d+/, "") ?? "",
      description: role.Description ?? "",
      path: role.Path ?? "/",
      uniqueId: role.RoleId ?? "",
      tags: tagMap(role.Tags),
    };
  },
  update: ({ id: RoleName, olds, news, changed }, { iam }) =>
    doing(`updating IAM Role (${RoleName})`, async () => {
      if (changed.has("assumeRolePolicy")) {
        const PolicyDocument = text(news.assumeRolePolicy);
        await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
      }
      if (changed.has("description")) {
        await iam.send(new UpdateRoleCommand({ RoleName, Description: text(news.description) }));
      }
      await retag(
        olds.tags,
        news.tags,
        (TagKeys) => iam.send(new UntagRoleCommand({ RoleName, TagKeys })),
        (Tags) => iam.send(new TagRoleCommand({ RoleName, Tags })),
      );
    }),
  delete: async (RoleName, _state, aws) => {
    await doing(`deleting IAM Role (${RoleName})`, () => remove(RoleName, aws), GONE);
  },
};

/** Policies that the role did not bring along keep it from being deleted. */
async function remove(RoleName: string, { iam }: Aws): Promise<void> {
  const { InstanceProfiles } = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
  for (const { InstanceProfileName } of InstanceProfiles ?? []) {
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
  }
  await iam.send(new DeleteRoleCommand({ RoleName }));
}
