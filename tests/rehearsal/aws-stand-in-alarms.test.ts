import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { after, before, describe, it } from "node:test";
import { DeleteAlarmsCommand, DescribeAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CreateTopicCommand, DeleteTopicCommand, ListSubscriptionsByTopicCommand } from "@aws-sdk/client-sns";
import type { Props } from "../../rehearsal/protocol/property-values";
import { type Aws, clientsFor } from "../../rehearsal/providers/aws/clients";
import { aws as standIn } from "../../rehearsal/providers/aws/provider";
import { type MotoServer, startMoto } from "../../rehearsal/servers/moto";
import { InProcess } from "../conformance/in-process";
import { startForked } from "./emulator-host";

const TOPIC = "aws:sns/topic:Topic";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const ARN = "arn:aws:sns:us-east-1:123456789012";

let home: string;
let moto: MotoServer;
let aws: Aws;
let plugin: InProcess<Aws>;

before(async () => {
  home = mkdtempSync(`${tmpdir()}/aws-stand-in-alarms-`);
  await start();
});

after(async () => {
  aws.close();
  await moto.stop();
  rmSync(home, { recursive: true, force: true });
});

async function start(): Promise<void> {
  moto = await startMoto({ home, startEmulator: startForked });
  const { accessKeyId, secretAccessKey } = moto.credentials;
  const keys = { region: "us-east-1", accessKey: accessKeyId, secretKey: secretAccessKey };
  aws = clientsFor(keys, { AWS_ENDPOINT_URL: moto.endpoint });
  plugin = new InProcess(standIn, aws);
}

/** An alarm of the program's kind. */
function alarm(name: string, more: Props = {}): Props {
  return {
    name,
    alarmDescription: "What to do.",
    namespace: "AWS/EC2",
    metricName: "StatusCheckFailed",
    dimensions: { InstanceId: "i-1" },
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    statistic: "Maximum",
    period: 60,
    evaluationPeriods: 2,
    alarmActions: [`${ARN}:told`],
    okActions: [`${ARN}:told`],
    tags: { tenant: "acme" },
    ...more,
  };
}

async function reasons(type: string, news: Props): Promise<string[]> {
  return ((await plugin.check(type, news)).failures ?? []).map(({ reason }) => reason);
}

describe("a stand-in topic", () => {
  it("has its ARN for its id, and tags that change in place", async () => {
    const made = await plugin.create(TOPIC, { name: "told", tags: { stack: "prod", old: "1" } });
    assert.deepEqual([made.id, made.state.arn, made.state.owner], [`${ARN}:told`, `${ARN}:told`, "123456789012"]);
    const wanted = { name: "told", tags: { stack: "prod", new: "2" } };
    const diff = await plugin.diff(made, wanted);
    assert.deepEqual(diff.detailedDiff, {
      "tags.new": { kind: "ADD" },
      "tags.old": { kind: "DELETE" },
    });
    const updated = await plugin.update(made, wanted);
    assert.deepEqual(updated.state.tagsAll, { stack: "prod", new: "2" });
    assert.equal((await plugin.diff(updated, wanted)).changes, false);
  });

  it("is another one under another name", async () => {
    const made = await plugin.create(TOPIC, { name: "before" });
    const diff = await plugin.diff(made, { name: "after" });
    assert.deepEqual([diff.replaces, diff.deleteBeforeReplace], [["name"], undefined]);
  });

  it("that exists is taken as its own, as the real provider does", async () => {
    const { TopicArn } = await aws.sns.send(new CreateTopicCommand({ Name: "there" }));
    assert.equal((await plugin.create(TOPIC, { name: "there" })).id, TopicArn);
  });

  it("is read as gone when it is, and deleted then without a word", async () => {
    const made = await plugin.create(TOPIC, { name: "gone" });
    assert.equal((await plugin.import(TOPIC, made.id))?.inputs.name, "gone");
    await aws.sns.send(new DeleteTopicCommand({ TopicArn: made.id }));
    assert.equal(await plugin.read(made), undefined);
    await plugin.delete(made);
  });

  it("has a name that AWS takes", async () => {
    assert.deepEqual(await reasons(TOPIC, { name: "prod.mx" }), ["invalid topic name: prod.mx"]);
  });
});

describe("a stand-in subscription", () => {
  const endpoint = "ops@example.com";

  it("waits for nobody to confirm, and is one however often it is made", async () => {
    const { id: topic } = await plugin.create(TOPIC, { name: "subscribed" });
    const made = await plugin.create(SUBSCRIPTION, { topic, protocol: "email", endpoint });
    const { pendingConfirmation, confirmationWasAuthenticated, arn } = made.state;
    assert.deepEqual([pendingConfirmation, confirmationWasAuthenticated], [true, false]);
    assert.equal(arn, made.id);
    assert.match(made.id, new RegExp(`^${topic}:[0-9a-f-]{36}$`));
    assert.equal((await plugin.create(SUBSCRIPTION, { topic, protocol: "email", endpoint })).id, made.id);
    assert.equal((await plugin.diff(made, { topic, protocol: "email", endpoint })).changes, false);
  });

  it("is another one for another address or topic", async () => {
    const { id: topic } = await plugin.create(TOPIC, { name: "moved" });
    const made = await plugin.create(SUBSCRIPTION, { topic, protocol: "email", endpoint });
    const elsewhere = { topic: `${topic}-2`, protocol: "email", endpoint: "other@example.com" };
    assert.deepEqual((await plugin.diff(made, elsewhere)).replaces, ["topic", "endpoint"]);
  });

  it("that nobody confirmed stays when it is deleted, and goes with its topic", async () => {
    const topic = await plugin.create(TOPIC, { name: "left" });
    const made = await plugin.create(SUBSCRIPTION, { topic: topic.id, protocol: "email", endpoint });
    await plugin.delete(made);
    const left = new ListSubscriptionsByTopicCommand({ TopicArn: topic.id });
    assert.equal((await aws.sns.send(left)).Subscriptions?.length, 1);
    await plugin.delete(topic);
    assert.equal(await plugin.read(made), undefined);
    await plugin.delete(made);
  });

  it("is for e-mail alone: others are confirmed in other ways", async () => {
    const [reason] = await reasons(SUBSCRIPTION, { topic: `${ARN}:told`, protocol: "sms", endpoint: "+1555" });
    assert.match(reason ?? "", /supports the protocol email, got sms/);
  });
});

describe("a stand-in alarm", () => {
  it("has its name for its id, and the provider's defaults", async () => {
    const made = await plugin.create(ALARM, alarm("made"));
    assert.equal(made.id, "made");
    assert.equal(made.state.arn, "arn:aws:cloudwatch:us-east-1:123456789012:alarm:made");
    const { actionsEnabled, treatMissingData, threshold, dimensions, tagsAll, datapointsToAlarm } = made.state;
    assert.deepEqual([actionsEnabled, treatMissingData, threshold], [true, "missing", 1]);
    assert.deepEqual([dimensions, tagsAll, datapointsToAlarm], [{ InstanceId: "i-1" }, { tenant: "acme" }, undefined]);
    assert.equal((await plugin.diff(made, alarm("made"))).changes, false);
  });

  it("changes in place, whatever but its name, and keeps what the change does not name", async () => {
    const made = await plugin.create(ALARM, alarm("changed"));
    const wanted = alarm("changed", {
      dimensions: { InstanceId: "i-2" },
      threshold: 0.5,
      treatMissingData: "ignore",
      okActions: [],
      tags: { tenant: "acme", stack: "prod" },
    });
    const diff = await plugin.diff(made, wanted);
    assert.deepEqual(diff.replaces, []);
    assert.deepEqual(Object.keys(diff.detailedDiff ?? {}).sort(), [
      "dimensions.InstanceId",
      "okActions",
      "tags.stack",
      "threshold",
      "treatMissingData",
    ]);
    const { state } = await plugin.update(made, wanted);
    assert.deepEqual([state.dimensions, state.threshold, state.okActions], [{ InstanceId: "i-2" }, 0.5, []]);
    assert.deepEqual([state.tagsAll, state.alarmDescription], [{ tenant: "acme", stack: "prod" }, "What to do."]);
    assert.deepEqual((await plugin.diff(made, alarm("renamed"))).replaces, ["name"]);
  });

  it("tells its actions apart as a set", async () => {
    const actions = [`${ARN}:b`, `${ARN}:a`];
    const made = await plugin.create(ALARM, alarm("set", { alarmActions: actions }));
    assert.equal((await plugin.diff(made, alarm("set", { alarmActions: [...actions].reverse() }))).changes, false);
  });

  it("that exists is overwritten, as the real provider does", async () => {
    await aws.cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: "there",
        ComparisonOperator: "LessThanThreshold",
        EvaluationPeriods: 9,
        MetricName: "Other",
        Namespace: "Other",
        Period: 60,
        Statistic: "Sum",
        Threshold: 1,
      }),
    );
    const made = await plugin.create(ALARM, alarm("there"));
    assert.deepEqual([made.state.evaluationPeriods, made.state.metricName], [2, "StatusCheckFailed"]);
  });

  it("is read as it is now, and as gone when it is", async () => {
    const made = await plugin.create(ALARM, alarm("drift"));
    await plugin.update(made, alarm("drift", { threshold: 3 }));
    assert.equal((await plugin.read(made))?.inputs.threshold, 3);
    await aws.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ["drift"] }));
    assert.equal(await plugin.read(made), undefined);
    await plugin.delete(made);
  });

  it("is checked as the provider checks it, and refuses what the stand-in does not know", async () => {
    const bad = { comparisonOperator: "Above", statistic: "Mean", treatMissingData: "whatever", period: 90 };
    assert.deepEqual(
      (await plugin.check(ALARM, alarm("bad", bad))).failures?.map(({ property }) => property),
      ["comparisonOperator", "statistic", "treatMissingData", "period"],
    );
    const long = await reasons(ALARM, alarm("long", { alarmDescription: "x".repeat(1025) }));
    assert.deepEqual(long, ["expected length of alarmDescription to be at most 1024, got 1025"]);
    const { comparisonOperator: _, ...without } = alarm("without");
    assert.deepEqual(await reasons(ALARM, without), ["Missing required argument: 'comparisonOperator'"]);
    assert.ok(!standIn.resources[ALARM]?.inputs.includes("metricQueries"));
  });
});

it("a restart of the emulator keeps topics, subscriptions and alarms, with their ids", async () => {
  const topic = await plugin.create(TOPIC, { name: "kept", tags: { stack: "prod" } });
  const subscription = await plugin.create(SUBSCRIPTION, {
    topic: topic.id,
    protocol: "email",
    endpoint: "kept@example.com",
  });
  const held = [topic, subscription, await plugin.create(ALARM, alarm("kept", { alarmActions: [topic.id] }))];
  aws.close();
  await moto.stop();
  await start();
  for (const resource of held) assert.deepEqual((await plugin.read(resource))?.state, resource.state);
  const { MetricAlarms } = await aws.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: ["gone", "drift"] }));
  assert.deepEqual(MetricAlarms, []);
});
