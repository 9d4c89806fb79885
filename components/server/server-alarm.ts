import * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as pulumi from "@pulumi/pulumi";
import { serverAlarmName } from "../../domain/names";

export interface ServerAlarmArgs {
  /** The tenant's short name. */
  readonly slug: string;
  readonly environment: string;
  /** The server that is watched: another one takes its place in the same alarm. */
  readonly instanceId: pulumi.Input<string>;
  /** ARN of the topic that is told. */
  readonly topicArn: pulumi.Input<string>;
  /** That topic, where the tenant's own stack declares it. */
  readonly topic: pulumi.Resource | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Declares the alarm on a tenant's server as a child of `parent`: its status checks have failed for two minutes. */
export function createServerAlarm(parent: pulumi.Resource, args: ServerAlarmArgs): pulumi.Resource {
  const { slug, environment, instanceId, topicArn, topic, tags } = args;
  return new cloudwatch.MetricAlarm(
    `${slug}-status-alarm`,
    {
      name: serverAlarmName(environment, slug),
      alarmDescription:
        `The server of tenant ${slug} has failed its status checks for two minutes: its backend is most likely out of reach, its ` +
        "data are safe. System status check: stop the instance and start it, which moves it to another machine. Instance status " +
        "check: reboot it. If neither helps: raise rotation.server in the tenant's file, and deploy.",
      namespace: "AWS/EC2",
      metricName: "StatusCheckFailed",
      dimensions: { InstanceId: instanceId },
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      statistic: "Maximum",
      period: 60,
      evaluationPeriods: 2,
      // A server that is only being made, or is stopped for another instance type, reports nothing: it has not failed.
      treatMissingData: "missing",
      alarmActions: [topicArn],
      okActions: [topicArn],
      tags,
    },
    { parent, ...(topic === undefined ? {} : { dependsOn: [topic] }) },
  );
}
