import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  type IAMClient,
  ListAttachedRolePoliciesCommand,
  ListInstanceProfilesForRoleCommand,
  ListRolePoliciesCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import type { PropertyValue } from "../../protocol/property-values";
import { doing, unlessAwsError } from "./aws-error";
import { type AwsType, optionalText, text } from "./aws-type";
import { tagChanges, tagList, tagMap } from "./tags";

const MAX_NAME_LENGTH = 64;
const GONE = ["NoSuchEntity", "NoSuchEntityException"];

/** `aws.iam.Role`. Its id is its name. */
export const iamRole: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
    assumeRolePolicy: { required: true, compare: "document" },
    description: {},
    path: { default: "/", replaces: true },
    maxSessionDuration: { default: 3600 },
    forceDetachPolicies: { default: false },
    managedPolicyArns: { computed: true, compare: "set" },
    tags: {},
  },
  computed: ["arn", "createDate", "managedPolicyArns", "uniqueId"],
  validate: (inputs) => {
    const name = text(inputs.name);
    if (name.length <= MAX_NAME_LENGTH && /^[\w+=,.@-]+$/.test(name)) return [];
    const reason = `expected name to have 1 to ${MAX_NAME_LENGTH} of the characters A-Z, a-z, 0-9 and +=,.@_-, got ${name}`;
    return [{ property: "name", reason }];
  },
  create: async (inputs, aws, made) => {
    const name = text(inputs.name);
    await doing(`creating IAM Role (${name})`, () =>
      aws.iam.send(
        new CreateRoleCommand({
          RoleName: name,
          AssumeRolePolicyDocument: text(inputs.assumeRolePolicy),
          Path: text(inputs.path),
          Description: optionalText(inputs.description),
          MaxSessionDuration: Number(inputs.maxSessionDuration),
          Tags: tagList(inputs.tags),
        }),
      ),
    );
    made(name);
    await attach(aws.iam, name, arns(inputs.managedPolicyArns));
  },
  read: async (name, known, aws) => {
    const { Role: role } = await doing(`reading IAM Role (${name})`, () =>
      unlessAwsError(aws.iam.send(new GetRoleCommand({ RoleName: name })), GONE, { Role: undefined }),
    );
    if (!role) return undefined;
    return {
      arn: role.Arn ?? "",
      name: role.RoleName ?? name,
      assumeRolePolicy: decodeURIComponent(role.AssumeRolePolicyDocument ?? ""),
      createDate: role.CreateDate?.toISOString().replace(/\.\d+/, "") ?? "",
      description: role.Description ?? "",
      // Known to the provider alone.
      forceDetachPolicies: known.forceDetachPolicies ?? false,
      managedPolicyArns: await attachedArns(aws.iam, name),
      maxSessionDuration: role.MaxSessionDuration ?? 3600,
      path: role.Path ?? "/",
      uniqueId: role.RoleId ?? "",
      tags: tagMap(role.Tags),
    };
  },
  update: async ({ id: RoleName, olds, news, changed }, aws) => {
    await doing(`updating IAM Role (${RoleName})`, async () => {
      if (changed.has("assumeRolePolicy")) {
        const PolicyDocument = text(news.assumeRolePolicy);
        await aws.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
      }
      if (changed.has("description") || changed.has("maxSessionDuration")) {
        const MaxSessionDuration = Number(news.maxSessionDuration);
        await aws.iam.send(
          new UpdateRoleCommand({ RoleName, Description: text(news.description), MaxSessionDuration }),
        );
      }
      if (changed.has("managedPolicyArns")) {
        const [before, after] = [arns(olds.managedPolicyArns), arns(news.managedPolicyArns)];
        await detach(
          aws.iam,
          RoleName,
          before.filter((arn) => !after.includes(arn)),
        );
        await attach(
          aws.iam,
          RoleName,
          after.filter((arn) => !before.includes(arn)),
        );
      }
      const { set, removed } = tagChanges(olds.tags, news.tags);
      if (removed.length > 0) await aws.iam.send(new UntagRoleCommand({ RoleName, TagKeys: removed }));
      if (set.length > 0) await aws.iam.send(new TagRoleCommand({ RoleName, Tags: set }));
    });
  },
  delete: async (RoleName, state, aws) => {
    await doing(`deleting IAM Role (${RoleName})`, () =>
      unlessAwsError(remove(aws.iam, RoleName, state), GONE, undefined),
    );
  },
};

/** Policies that the role did not bring along keep it from being deleted, unless `forceDetachPolicies` says otherwise. */
async function remove(iam: IAMClient, RoleName: string, state: { [key: string]: PropertyValue }): Promise<void> {
  const { InstanceProfiles } = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName }));
  for (const { InstanceProfileName } of InstanceProfiles ?? []) {
    await iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName }));
  }
  const force = state.forceDetachPolicies === true;
  await detach(iam, RoleName, force ? await attachedArns(iam, RoleName) : arns(state.managedPolicyArns));
  if (force) {
    const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
    for (const PolicyName of PolicyNames ?? []) await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
  }
  await iam.send(new DeleteRoleCommand({ RoleName }));
}

async function attachedArns(iam: IAMClient, RoleName: string): Promise<string[]> {
  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  return (AttachedPolicies ?? []).map(({ PolicyArn }) => PolicyArn ?? "").sort();
}

async function attach(iam: IAMClient, RoleName: string, policies: readonly string[]): Promise<void> {
  for (const PolicyArn of policies) await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
}

async function detach(iam: IAMClient, RoleName: string, policies: readonly string[]): Promise<void> {
  for (const PolicyArn of policies) {
    await unlessAwsError(iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })), GONE, undefined);
  }
}

function arns(value: PropertyValue | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
