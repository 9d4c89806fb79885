import * as ec2 from "@pulumi/aws/ec2";
import * as ssm from "@pulumi/aws/ssm";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { envEntries } from "../domain/env-file";
import { iamName, ssmPath } from "../domain/names";
import type { Pooler } from "../domain/pooler";
import type { ServerSettings } from "../domain/settings-spec";
import { unlessFailed } from "./after-failure";
import { bootScript } from "./server/boot-script";
import { createInstanceRole } from "./server/instance-role";
import { parameterArn, pathArn, topicArn } from "./server/parameter-arns";
import { createPoolerParameter } from "./server/pooler-parameter";
import { createServerAlarm } from "./server/server-alarm";
import type { ServerGroup } from "./shared/server-network";

export interface TenantServerArgs {
  /** The tenant's short name. Caution: it names what the server is made of; another slug is another server. */
  readonly slug: string;
  /** Part of the names of its IAM role and its parameters. The stack's name is in none: a tenant can change stacks. */
  readonly environment: string;
  /** Region of the stack's default aws provider. */
  readonly region: string;
  /** https URL of the tenant's frontend. */
  readonly frontendUrl: string;
  /** Origins that may call the backend, besides the frontend. */
  readonly allowedOrigins: readonly string[];
  /** How the backend logs in to the database; a secret. */
  readonly databaseUrl: pulumi.Input<string>;
  /** What stands between the backend and the database. */
  readonly pooler: Pooler;
  /** Most sessions that the tenant may hold at once. */
  readonly connectionLimit: number;
  /** The one that all servers are in, and that the database lets in. */
  readonly securityGroup: ServerGroup;
  /** AMI and boot script are those of the day the server was made: see the instance below. */
  readonly server: ServerSettings;
  /** EC2 instance type. Another type stops and starts the server. */
  readonly instanceType: string;
  /** Subnet of the server. Caution: where `subnetNamed`, another subnet replaces the server, with what is on its disk. */
  readonly subnetId: string;
  /** Whether the tenant's file names the subnet. Otherwise it is a setting's, which a server that is there does not follow. */
  readonly subnetNamed: boolean;
  /** Another number makes another `SECRET_KEY`, which ends every session of the backend's users. */
  readonly secretKeyRotation: number;
  /** Another number makes another server, and ends the old one with what is on its disk. */
  readonly serverRotation: number;
  /** Who is told when the server fails; nobody is without it. */
  readonly alarmTopic?: AlarmTopic | undefined;
}

/** The topic of the fleet stack that a server's alarm goes to, in the server's own account and region. */
export interface AlarmTopic {
  readonly name: string;
  /** In the fleet stack alone: the topic itself, which is made first. */
  readonly resource: pulumi.Resource | undefined;
}

/** A tenant's server, the parameters its `.env` is written from, and the identity that may read these and no others. */
export class TenantServer extends pulumi.ComponentResource {
  /** Public host name of the server, or its address where it has no such name. */
  readonly host: pulumi.Output<string>;
  /** Made when everything else of the server is there. */
  readonly last: pulumi.Resource;

  constructor(name: string, args: TenantServerArgs, opts: pulumi.ComponentResourceOptions) {
    super("b2b:index:Server", name, {}, opts);
    const { slug, environment } = args;
    // Where they help to tell cost or owner: parameters and rules say whose they are by path, group or description.
    const tags = { Name: `${environment}-${slug}`, tenant: slug, environment, "managed-by": "b2b-tenants" };

    const parameters = createParameters(this, args, createSecretKey(this, args));
    const arn = parameterArn(parameters, { region: args.region, path: ssmPath(environment, slug) });
    const { policy, profile } = createInstanceRole(this, {
      slug,
      iamName: iamName(environment, slug),
      parametersArn: pathArn(arn),
      tags,
    });
    // At its first boot the server reads its parameters, and its backend logs in.
    const needed = [...parameters, policy, ...args.securityGroup.rules];
    const instance = createInstance(this, args, { profile: profile.name, needed, tags });
    const { alarmTopic } = args;
    this.last =
      alarmTopic === undefined
        ? instance
        : createServerAlarm(this, {
            slug,
            environment,
            instanceId: instance.id,
            topicArn: topicArn(arn, alarmTopic.name),
            topic: alarmTopic.resource,
            tags,
          });

    const addresses = pulumi.all([instance.publicDns, instance.publicIp, instance.privateIp]);
    this.host = unlessFailed(addresses, ["", "", ""]).apply((known) => known.find(Boolean) ?? SERVER_NOT_REACHED);
    this.registerOutputs({});
  }
}

/** What the stack's outputs say of a server that the last run did not get to. */
const SERVER_NOT_REACHED = "not known: the last up failed before this tenant's server";

type Tags = Readonly<Record<string, string>>;

function createSecretKey(parent: TenantServer, { slug, secretKeyRotation }: TenantServerArgs): pulumi.Output<string> {
  // 64 hexadecimal digits, 32 bytes. Not RandomBytes: its id, which every state and preview shows in clear, is the value.
  const key = new random.RandomPassword(
    `${slug}-secret-key`,
    {
      length: 64,
      lower: false,
      upper: false,
      special: true,
      overrideSpecial: "abcdef",
      keepers: { rotation: String(secretKeyRotation) },
    },
    { parent },
  );
  return pulumi.secret(key.result);
}

function createParameters(
  parent: TenantServer,
  args: TenantServerArgs,
  secretKey: pulumi.Output<string>,
): ssm.Parameter[] {
  const path = ssmPath(args.environment, args.slug);
  const secrets = { databaseUrl: pulumi.secret(args.databaseUrl), secretKey };
  const environment = envEntries(args, secrets).map(
    ({ key, value, secret }) =>
      new ssm.Parameter(
        `${args.slug}-env-${key}`,
        {
          name: `${path}/${key}`,
          // The provider hides `value` in previews, also that of a String.
          ...(secret
            ? { type: ssm.ParameterType.SecureString, value }
            : { type: ssm.ParameterType.String, insecureValue: value }),
        },
        { parent },
      ),
  );
  return [...environment, ...createPoolerParameter(parent, { ...args, path })];
}

interface InstanceParts {
  readonly profile: pulumi.Input<string>;
  /** What has to be there before the server boots. */
  readonly needed: pulumi.Resource[];
  readonly tags: Tags;
}

function createInstance(parent: TenantServer, args: TenantServerArgs, parts: InstanceParts): ec2.Instance {
  const { envFile, owner, service, ami } = args.server;
  // Another name is another instance: made before the old one is ended, since nothing of it is the old one's.
  const generation = args.serverRotation === 1 ? "" : `-${args.serverRotation}`;
  return new ec2.Instance(
    `${args.slug}-instance${generation}`,
    {
      ami,
      instanceType: args.instanceType,
      subnetId: args.subnetId,
      vpcSecurityGroupIds: [args.securityGroup.id],
      iamInstanceProfile: parts.profile,
      // IMDSv2 alone, and out of reach of containers: a request forged through the backend gets no credentials.
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, tags: parts.tags },
      userData: bootScript({
        parameterPath: ssmPath(args.environment, args.slug),
        region: args.region,
        envFile,
        owner,
        service,
      }),
      tags: parts.tags,
    },
    {
      parent,
      dependsOn: parts.needed,
      // A new AMI or another first subnet would replace every server of the stack in one deployment, and a new boot script
      // would stop and start them without being run. All are for new servers; changed parameters reach a running server
      // without them. To replace one on purpose there is rotation.server (`up --replace` would not do: it keeps the ignored
      // properties as they were; nor would `destroy --target`: the offboarding gate would have to go first).
      ignoreChanges: ["ami", "userData", ...(args.subnetNamed ? [] : ["subnetId"])],
    },
  );
}
