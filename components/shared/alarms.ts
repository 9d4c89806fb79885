import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sns from "@pulumi/aws/sns";
import * as pulumi from "@pulumi/pulumi";
import { databaseAlarms } from "../../domain/database-alarms";
import { alarmName, topicName } from "../../domain/names";
import type { AlarmSettings } from "../../domain/settings-spec";

export interface AlarmsArgs {
  readonly settings: AlarmSettings;
  /** The stack whose alarms they are. Caution: part of the topic's name, and every address of another topic has to confirm anew. */
  readonly stack: string;
  /** Whether the shared database is watched from here; from one stack only, since every other would tell the same again. */
  readonly ofDatabase: boolean;
}

/** Who is told, and the alarms on what all tenants share. Those on a tenant's server are that server's. */
export class Alarms extends pulumi.ComponentResource {
  /** The topic that tells the addresses; the alarms of servers go there too. */
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("b2b:index:Alarms", name, {}, opts);
    const tags = { Name: `${args.stack}-alarms`, stack: args.stack, "managed-by": "b2b-tenants" };

    // Not encrypted: CloudWatch may not use the key that AWS has for SNS, and what goes through here is no secret.
    const topic = new sns.Topic(`${name}-topic`, { name: topicName(args.stack), tags }, { parent: this });
    for (const address of args.settings.addresses) subscribe(this, name, topic, address);
    if (args.ofDatabase) createDatabaseAlarms(this, name, args, topic, tags);

    this.topicArn = topic.arn;
    this.registerOutputs({});
  }
}

/** The address is in the name, not its place in the list: one more at the top must not have the others confirm again. */
function subscribe(parent: Alarms, name: string, topic: sns.Topic, address: string): void {
  new sns.TopicSubscription(
    `${name}-to-${address.toLowerCase()}`,
    { topic: topic.arn, protocol: "email", endpoint: address },
    { parent },
  );
}

function createDatabaseAlarms(
  parent: Alarms,
  name: string,
  { settings, stack }: AlarmsArgs,
  topic: sns.Topic,
  tags: Readonly<Record<string, string>>,
): void {
  for (const { purpose, description, ...condition } of databaseAlarms(settings)) {
    new cloudwatch.MetricAlarm(
      `${name}-${purpose}`,
      {
        name: alarmName(stack, purpose),
        alarmDescription: description,
        namespace: "AWS/RDS",
        dimensions: { DBInstanceIdentifier: settings.databaseInstance },
        ...condition,
        alarmActions: [topic.arn],
        okActions: [topic.arn],
        tags,
      },
      { parent },
    );
  }
}
