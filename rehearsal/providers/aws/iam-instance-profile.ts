import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  type IAMClient,
  RemoveRoleFromInstanceProfileCommand,
  TagInstanceProfileCommand,
  UntagInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import type { PropertyValue } from "../../protocol/property-values";
import { doing } from "./aws-error";
import { type AwsType, text } from "./aws-type";
import { retag, tagList, tagMap } from "./tags";

const GONE = ["NoSuchEntity", "NoSuchEntityException"];

/** `aws.iam.InstanceProfile`. Its id is its name. */
export const iamInstanceProfile: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
    path: { default: "/", replaces: true },
    role: {},
    tags: {},
  },
  computed: ["arn", "createDate", "uniqueId"],
  create: async (inputs, aws, made) => {
    const name = text(inputs.name);
    const request = { InstanceProfileName: name, Path: text(inputs.path), Tags: tagList(inputs.tags) };
    await doing(`creating IAM Instance Profile (${name})`, () =>
      aws.iam.send(new CreateInstanceProfileCommand(request)),
    );
    made(name);
    await addRole(aws.iam, name, inputs.role);
  },
  read: async (name, _known, aws) => {
    const work = () => aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName: name }));
    const profile = (await doing(`reading IAM Instance Profile (${name})`, work, GONE))?.InstanceProfile;
    if (!profile) return undefined;
    return {
      arn: profile.Arn ?? "",
      name: profile.InstanceProfileName ?? name,
      path: profile.Path ?? "/",
      role: profile.Roles?.[0]?.RoleName ?? "",
      createDate: profile.CreateDate?.toISOString().replace(/\.\d+/, "") ?? "",
      uniqueId: profile.InstanceProfileId ?? "",
      tags: tagMap(profile.Tags),
    };
  },
  update: async ({ id, olds, news, changed }, aws) => {
    if (changed.has("role")) {
      await removeRole(aws.iam, id, olds.role);
      await addRole(aws.iam, id, news.role);
    }
    await doing(`updating tags for IAM Instance Profile (${id})`, () =>
      retag(
        olds.tags,
        news.tags,
        (TagKeys) => aws.iam.send(new UntagInstanceProfileCommand({ InstanceProfileName: id, TagKeys })),
        (Tags) => aws.iam.send(new TagInstanceProfileCommand({ InstanceProfileName: id, Tags })),
      ),
    );
  },
  delete: async (id, state, aws) => {
    await removeRole(aws.iam, id, state.role);
    const work = () => aws.iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName: id }));
    await doing(`deleting IAM Instance Profile (${id})`, work, GONE);
  },
};

async function addRole(iam: IAMClient, profile: string, role: PropertyValue | undefined): Promise<void> {
  if (!role) return;
  await doing(`adding IAM Role (${role}) to IAM Instance Profile (${profile})`, () =>
    iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: profile, RoleName: text(role) })),
  );
}

async function removeRole(iam: IAMClient, profile: string, role: PropertyValue | undefined): Promise<void> {
  if (!role) return;
  const request = { InstanceProfileName: profile, RoleName: text(role) };
  const work = () => iam.send(new RemoveRoleFromInstanceProfileCommand(request));
  await doing(`removing IAM Role (${role}) from IAM Instance Profile (${profile})`, work, GONE);
}
