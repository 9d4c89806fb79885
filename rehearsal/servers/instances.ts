/** What the emulated AWS account knows of a tenant's server. */
import "../../ops/stack/aws-client";
import { DescribeInstanceAttributeCommand, DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetInstanceProfileCommand, IAMClient } from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { isSlug } from "../../domain/names";
import type { AwsCredentials, MotoServer } from "./moto";

/** Where a tenant's server is looked for. */
export interface Account {
  readonly moto: Pick<MotoServer, "endpoint" | "credentials">;
  readonly region: string;
  readonly stack: string;
  readonly environment: string;
}

/** A tenant's running server. */
export interface ServerInstance {
  readonly id: string;
  /** Name of its instance profile. */
  readonly profile: string;
}

/** The running server of a tenant, by the tags that the program gives it. */
export async function runningInstance(
  { moto, region, stack, environment }: Account,
  slug: string,
): Promise<ServerInstance> {
  const ec2 = new EC2Client({ ...moto, region });
  const tagged = { tenant: slug, environment };
  const Filters = Object.entries(tagged).map(([name, value]) => ({ Name: `tag:${name}`, Values: [value] }));
  Filters.push({ Name: "instance-state-name", Values: ["running"] });
  // A text that is no slug may hold wildcards, which the filter would follow.
  const { Reservations } = isSlug(slug)
    ? await ec2.send(new DescribeInstancesCommand({ Filters }))
    : { Reservations: [] };
  const found = Reservations?.flatMap(({ Instances }) => Instances ?? [])[0];
  if (!found?.InstanceId) {
    throw new Error(
      `the stack "${stack}" has no running server of a tenant ${JSON.stringify(slug)}; run: npm run rehearse -- outputs`,
    );
  }
  return { id: found.InstanceId, profile: found.IamInstanceProfile?.Arn?.split("/").at(-1) ?? "" };
}

/** What the instance runs at its first boot, in clear. */
export async function userData({ moto, region }: Account, server: ServerInstance): Promise<string> {
  const ec2 = new EC2Client({ ...moto, region });
  const { UserData } = await ec2.send(
    new DescribeInstanceAttributeCommand({ InstanceId: server.id, Attribute: "userData" }),
  );
  return Buffer.from(UserData?.Value ?? "", "base64").toString();
}

/** Credentials as the instance gets them from its metadata service: those of its profile's role. */
export async function instanceCredentials({ moto, region }: Account, server: ServerInstance): Promise<AwsCredentials> {
  const iam = new IAMClient({ ...moto, region });
  const sts = new STSClient({ ...moto, region });
  const { InstanceProfile } = await iam.send(new GetInstanceProfileCommand({ InstanceProfileName: server.profile }));
  const RoleArn = InstanceProfile?.Roles?.[0]?.Arn;
  if (!RoleArn) {
    throw new Error(
      `the instance profile ${server.profile} of ${server.id} has no role, so the server has no credentials`,
    );
  }
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: server.id }));
  return {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
}
