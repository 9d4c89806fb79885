import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { databaseAlarms } from "../../domain/database-alarms";
import { databaseAlarmName, topicName } from "../../domain/names";
import type { AlarmSettings } from "../../domain/settings-spec";

export interface AlarmsArgs {
  readonly settings: AlarmSettings;
  /** Caution: part of the topic's name, and every address of another topic has to confirm anew. */
  readonly environment: string;
}

/** Who is told, and the alarms on what all tenants share. Those on a tenant's server are that server's, of whichever stack. */
export class Alarms extends pulumi.ComponentResource {
  /** The topic that tells the addresses; the alarms of servers go there too. */
  readonly topic: sns.Topic;

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("b2b:index:Alarms", name, {}, opts);
    const { settings, environment } = args;
    const tags = { Name: `${environment}-alarms`, environment, "managed-by": "b2b-tenants" };

    // Not encrypted: CloudWatch may not use the key that AWS has for SNS, and what goes through here is no secret.
    this.topic = new sns.Topic(
      `${name}-topic`,
      { name: topicName(environment, settings.databaseInstance), tags },
      { parent: this },
    );
    for (const address of settings.addresses) subscribe(this, name, address);
    createDatabaseAlarms(this, name, args, tags);

    this.registerOutputs({});
  }
}

/** The address is in the name, not its place in the list: one more at the top must not have the others confirm again. */
function subscribe(parent: Alarms, name: string, address: string): void {
  new sns.TopicSubscription(
    `${name}-to-${address.toLowerCase()}`,
    { topic: parent.topic.arn, protocol: "email", endpoint: address },
    { parent },
  );
}

function createDatabaseAlarms(
  parent: Alarms,
  name: string,
  { settings, environment }: AlarmsArgs,
  tags: Readonly<Record<string, string>>,
): void {
  for (const { purpose, description, ...condition } of databaseAlarms(settings)) {
    new cloudwatch.MetricAlarm(
      `${name}-${purpose}`,
      {
        name: databaseAlarmName(environment, settings.databaseInstance, purpose),
        alarmDescription: description,
        namespace: "AWS/RDS",
        dimensions: { DBInstanceIdentifier: settings.databaseInstance },
        ...condition,
        alarmActions: [parent.topic.arn],
        okActions: [parent.topic.arn],
        tags,
      },
      { parent },
    );
  }
}
