import "../../../ops/stack/aws-client";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { PropertyValue, Props } from "../../protocol/property-values";

/** What the provider's configuration gives: clients of the services, and where they work. */
export interface Aws {
  readonly cloudwatch: CloudWatchClient;
  readonly ec2: EC2Client;
  readonly iam: IAMClient;
  readonly sns: SNSClient;
  readonly ssm: SSMClient;
  readonly region: string;
  /** The account's number, asked for once. */
  accountId(): Promise<string>;
  close(): void;
}

const SERVICES = ["cloudwatch", "ec2", "iam", "sns", "ssm", "sts"] as const;
type Service = (typeof SERVICES)[number];

/** Arguments that mean something to the stand-in, and those of the real provider that need nothing done here. */
const ARGUMENTS = ["region", "accessKey", "secretKey", "endpoints"];
const IDLE_ARGUMENTS = [
  "version",
  "skipCredentialsValidation",
  "skipMetadataApiCheck",
  "skipRegionValidation",
  "skipRequestingAccountId",
  "s3UsePathStyle",
];

// Throttled calls are tried again by the SDK, as often as by the real provider's.
const MAX_ATTEMPTS = 25;

/** The provider arguments that the stand-in would have to ignore. */
export function unsupportedArguments(args: Props): string[] {
  return Object.keys(args).filter((key) => !key.startsWith("__") && ![...ARGUMENTS, ...IDLE_ARGUMENTS].includes(key));
}

/** Clients for the provider's arguments. Connects to nothing. */
export function clientsFor(args: Props, env: NodeJS.ProcessEnv = process.env): Aws {
  const region = text(args.region) ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  if (!region) {
    throw new Error("the AWS region is not set: `pulumi config set aws:region us-east-1`, or set AWS_REGION");
  }
  const endpoints = endpointsOf(args.endpoints);
  const keys = credentialsOf(args);
  const settings = (service: Service) => {
    const endpoint = endpoints[service] ?? env.AWS_ENDPOINT_URL;
    return { region, maxAttempts: MAX_ATTEMPTS, ...(endpoint && { endpoint }), ...(keys && { credentials: keys }) };
  };
  const cloudwatch = new CloudWatchClient(settings("cloudwatch"));
  const ec2 = new EC2Client(settings("ec2"));
  const iam = new IAMClient(settings("iam"));
  const sns = new SNSClient(settings("sns"));
  const ssm = new SSMClient(settings("ssm"));
  const sts = new STSClient(settings("sts"));
  let account: Promise<string> | undefined;
  return {
    cloudwatch,
    ec2,
    iam,
    sns,
    ssm,
    region,
    accountId: () => {
      account ??= sts.send(new GetCallerIdentityCommand({})).then((identity) => identity.Account ?? "");
      return account;
    },
    close: () => {
      for (const client of [cloudwatch, ec2, iam, sns, ssm, sts]) client.destroy();
    },
  };
}

/** `endpoints` is a list of objects, each of which gives addresses by service; services that the stand-in does not call may be there. */
function endpointsOf(value: PropertyValue | undefined): Partial<Record<string, string>> {
  const list = structured(value ?? []);
  if (!Array.isArray(list)) throw new Error('aws:endpoints must be a list, as [{"ssm": "http://127.0.0.1:4566"}]');
  return Object.assign({}, ...list) as Partial<Record<string, string>>;
}

function credentialsOf(args: Props) {
  const [accessKeyId, secretAccessKey] = [text(args.accessKey), text(args.secretKey)];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey };
}

/** The engine sends what is not text as JSON text. */
function structured(value: PropertyValue): PropertyValue {
  return typeof value === "string" ? (JSON.parse(value) as PropertyValue) : value;
}

function text(value: PropertyValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
