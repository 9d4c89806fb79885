/** What only AWS knows of a server, its partition and account, is taken from the ARN of its first parameter. */
import type * as ssm from "@pulumi/aws/ssm";
import type * as pulumi from "@pulumi/pulumi";
import { ssmPath } from "../../domain/names";
import { unlessFailed } from "../after-failure";

interface Place {
  readonly region: string;
  readonly environment: string;
  readonly slug: string;
}

/** The ARN of the path that the parameters share: partition, region and account are known to AWS alone. */
export function pathArn(
  { region, environment, slug }: Place,
  [first]: readonly ssm.Parameter[],
): pulumi.Output<string> {
  if (!first) throw new Error("a server without parameters has no path");
  const standIn = `arn:aws:ssm:${region}:000000000000:parameter${ssmPath(environment, slug)}/`;
  return unlessFailed(first.arn, standIn).apply((arn) => arn.slice(0, arn.lastIndexOf("/")));
}

/**
 * ARN of a topic beside the parameters. It is made from its name in every stack: an ARN that the fleet stack had from its own resource
 * would be known there alone.
 */
export function topicArn({ region }: Place, [first]: readonly ssm.Parameter[], name: string): pulumi.Output<string> {
  if (!first) throw new Error("a server without parameters has no account");
  return unlessFailed(first.arn, `arn:aws:ssm:${region}:000000000000:`).apply((arn) => {
    const [scheme, partition, , ofParameter, account] = arn.split(":");
    return [scheme, partition, "sns", ofParameter, account, name].join(":");
  });
}
