/** What only AWS knows of a server, its partition and account, is taken from the ARN of one of its parameters. */
import type * as ssm from "@pulumi/aws/ssm";
import type * as pulumi from "@pulumi/pulumi";
import { unlessFailed } from "../after-failure";

/** ARN of one of the parameters below a path. */
export function parameterArn(
  [first]: readonly ssm.Parameter[],
  { region, path }: { readonly region: string; readonly path: string },
): pulumi.Output<string> {
  if (!first) throw new Error("a server without parameters has no ARN of one");
  return unlessFailed(first.arn, `arn:aws:ssm:${region}:000000000000:parameter${path}/`);
}

/** The ARN of the path that the parameters share. */
export function pathArn(parameter: pulumi.Output<string>): pulumi.Output<string> {
  return parameter.apply((arn) => arn.slice(0, arn.lastIndexOf("/")));
}

/**
 * ARN of a topic beside the parameters. It is made from its name in every stack: an ARN that the fleet stack had from its own resource
 * would be known there alone.
 */
export function topicArn(parameter: pulumi.Output<string>, name: string): pulumi.Output<string> {
  return parameter.apply((arn) => {
    const [scheme, partition, , region, account] = arn.split(":");
    return [scheme, partition, "sns", region, account, name].join(":");
  });
}
