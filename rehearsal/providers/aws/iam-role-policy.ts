import { DeleteRolePolicyCommand, GetRolePolicyCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { doing } from "./aws-error";
import { type AwsType, text } from "./aws-type";

const GONE = ["NoSuchEntity", "NoSuchEntityException"];

/** `aws.iam.RolePolicy`, a policy inside a role. Its id is `role:name`. */
export const iamRolePolicy: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
    role: { required: true, replaces: true },
    policy: { required: true, compare: "document" },
  },
  computed: [],
  validate: (inputs) => {
    try {
      JSON.parse(text(inputs.policy));
      return [];
    } catch {
      return [{ property: "policy", reason: `"policy" contains an invalid JSON policy` }];
    }
  },
  create: async (inputs, aws, made) => {
    const [role, name] = [text(inputs.role), text(inputs.name)];
    const id = `${role}:${name}`;
    const request = { RoleName: role, PolicyName: name, PolicyDocument: text(inputs.policy) };
    await doing(`putting IAM Role (${role}) Policy (${name})`, () => aws.iam.send(new PutRolePolicyCommand(request)));
    made(id);
  },
  read: async (id, _known, aws) => {
    const work = () => aws.iam.send(new GetRolePolicyCommand(partsOf(id)));
    const found = await doing(`reading IAM Role Policy (${id})`, work, GONE);
    if (!found) return undefined;
    const policy = decodeURIComponent(found.PolicyDocument ?? "");
    return { name: found.PolicyName ?? "", role: found.RoleName ?? "", policy };
  },
  update: async ({ id, news }, aws) => {
    const request = { ...partsOf(id), PolicyDocument: text(news.policy) };
    await doing(`putting IAM Role Policy (${id})`, () => aws.iam.send(new PutRolePolicyCommand(request)));
  },
  delete: async (id, _state, aws) => {
    const work = () => aws.iam.send(new DeleteRolePolicyCommand(partsOf(id)));
    await doing(`deleting IAM Role Policy (${id})`, work, GONE);
  },
};

function partsOf(id: string): { RoleName: string; PolicyName: string } {
  const [RoleName, PolicyName] = id.split(":");
  if (!RoleName || !PolicyName) {
    throw new Error(`role policy id must be of the form <role name>:<role policy name>, got ${id}`);
  }
  return { RoleName, PolicyName };
}
