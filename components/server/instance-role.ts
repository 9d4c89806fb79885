import * as iam from "@pulumi/aws/iam";
import * as pulumi from "@pulumi/pulumi";

export interface InstanceRoleArgs {
  /** The tenant's short name. */
  readonly slug: string;
  /** Name of role, policy and instance profile. Caution: another name replaces the role. */
  readonly iamName: string;
  /** ARN of the SSM path that the server may read, without a trailing slash. */
  readonly parametersArn: pulumi.Input<string>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What Session Manager needs of an instance, and no more. */
const SESSION_MANAGER_ACTIONS = [
  "ssm:UpdateInstanceInformation",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
];

/** The identity of a tenant's server: it reads its own tenant's parameters, and answers Session Manager. */
export interface InstanceRole {
  readonly policy: iam.RolePolicy;
  readonly profile: iam.InstanceProfile;
}

/** Declares the identity of a tenant's server as children of `parent`. */
export function createInstanceRole(parent: pulumi.Resource, args: InstanceRoleArgs): InstanceRole {
  const { slug, iamName: name, tags } = args;
  const role = new iam.Role(
    `${slug}-instance-role`,
    {
      name,
      description: `Server of tenant ${slug}`,
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
      tags,
    },
    { parent },
  );
  const policy = new iam.RolePolicy(
    `${slug}-instance-policy`,
    { name, role: role.name, policy: pulumi.output(args.parametersArn).apply(policyDocument) },
    { parent },
  );
  const profile = new iam.InstanceProfile(`${slug}-instance-profile`, { name, role: role.name }, { parent });
  return { policy, profile };
}

/**
 * Not AWS's managed AmazonSSMManagedInstanceCore: it allows ssm:GetParameter on every parameter of the account, and so
 * on every tenant's password. No kms:Decrypt either: the key of SecureString, aws/ssm, admits whoever may read the parameter.
 */
function policyDocument(parametersArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "OwnParameters",
        Effect: "Allow",
        Action: ["ssm:GetParametersByPath", "ssm:GetParameters", "ssm:GetParameter"],
        // GetParametersByPath is authorised on the path itself, the others on the parameters. A pattern without the
        // slash would also match a tenant whose slug begins with this one's.
        Resource: [parametersArn, `${parametersArn}/*`],
      },
      // These actions know no resource: they concern the instance that calls.
      { Sid: "SessionManager", Effect: "Allow", Action: SESSION_MANAGER_ACTIONS, Resource: "*" },
    ],
  });
}
