import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { IAMClient } from "@aws-sdk/client-iam";
import { SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Session } from "./session";

/** Clients of the emulated account, with its administrator's rights. */
export function awsClients({ moto, region }: Pick<Session, "moto" | "region">) {
  const options = { region, endpoint: moto.endpoint, credentials: moto.credentials };
  return {
    cloudwatch: new CloudWatchClient(options),
    ec2: new EC2Client(options),
    iam: new IAMClient(options),
    sns: new SNSClient(options),
    ssm: new SSMClient(options),
  };
}
