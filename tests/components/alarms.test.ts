import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import * as postgresql from "@pulumi/postgresql";
import { Alarms } from "../../components/shared/alarms";
import { Tenant, type TenantArgs } from "../../components/tenant";
import type { AlarmSettings } from "../../domain/settings-spec";
import { named, type Registration, record } from "./recorder";
import { ALARMS } from "./settings";
import { tenantArgs } from "./tenant-args";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:b2b-tenants-prod-b2b-platform-alarms";

const TWO = { ...ALARMS, addresses: ["ops@example.com", "On-Call@example.com"] };

async function registered(alarms: AlarmSettings): Promise<Registration[]> {
  const { registrations } = await record(() => new Alarms("alarms", { settings: alarms, environment: "prod" }));
  return registrations;
}

function tree(registrations: readonly Registration[]): string[] {
  return registrations.map(({ parent, type, name }) => `${parent} > ${name}: ${type}`).sort();
}

describe("the alarms of the fleet's stack", () => {
  let registrations: Registration[];
  before(async () => {
    registrations = await registered(TWO);
  });

  /** Inputs of an alarm, less its description. */
  function condition(name: string) {
    const { alarmDescription, ...rest } = named(registrations, name).inputs;
    return rest;
  }

  function description(name: string): string {
    return String(named(registrations, name).inputs.alarmDescription);
  }

  const common = (purpose: string) => ({
    name: `b2b-tenants-prod-b2b-platform-${purpose}`,
    namespace: "AWS/RDS",
    dimensions: { DBInstanceIdentifier: "b2b-platform" },
    alarmActions: [TOPIC],
    okActions: [TOPIC],
    tags: { Name: "prod-alarms", environment: "prod", "managed-by": "b2b-tenants" },
  });

  test("are a topic, its addresses and five on the database", () => {
    assert.deepEqual(tree(registrations), [
      " > alarms: b2b:index:Alarms",
      "alarms > alarms-connections-alarm: aws:cloudwatch/metricAlarm:MetricAlarm",
      "alarms > alarms-connections-warning: aws:cloudwatch/metricAlarm:MetricAlarm",
      "alarms > alarms-cpu: aws:cloudwatch/metricAlarm:MetricAlarm",
      "alarms > alarms-memory: aws:cloudwatch/metricAlarm:MetricAlarm",
      "alarms > alarms-storage: aws:cloudwatch/metricAlarm:MetricAlarm",
      "alarms > alarms-to-on-call@example.com: aws:sns/topicSubscription:TopicSubscription",
      "alarms > alarms-to-ops@example.com: aws:sns/topicSubscription:TopicSubscription",
      "alarms > alarms-topic: aws:sns/topic:Topic",
    ]);
  });

  test("are told to each address", () => {
    assert.deepEqual(named(registrations, "alarms-topic").inputs, {
      name: "b2b-tenants-prod-b2b-platform-alarms",
      tags: common("").tags,
    });
    for (const address of TWO.addresses) {
      const { inputs } = named(registrations, `alarms-to-${address.toLowerCase()}`);
      assert.deepEqual(inputs, { topic: TOPIC, protocol: "email", endpoint: address });
    }
  });

  test("CPU: above 80 % in three averages of five minutes, and when the figures stop", () => {
    assert.deepEqual(condition("alarms-cpu"), {
      ...common("cpu"),
      metricName: "CPUUtilization",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 80,
      statistic: "Average",
      period: 300,
      evaluationPeriods: 3,
      treatMissingData: "breaching",
    });
    assert.match(
      description("alarms-cpu"),
      /above 80 % for 15 minutes.*move up to db\.t3\.small.*when no figures come/,
    );
  });

  test("memory: below 100 MiB, in bytes", () => {
    assert.deepEqual(condition("alarms-memory"), {
      ...common("memory"),
      metricName: "FreeableMemory",
      comparisonOperator: "LessThanThreshold",
      threshold: 104_857_600,
      statistic: "Average",
      period: 300,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    });
    assert.match(description("alarms-memory"), /less than 100 MiB.*bigger instance, or lower max_connections/);
  });

  test("storage: below a tenth of 20 GiB, in bytes", () => {
    assert.deepEqual(condition("alarms-storage"), {
      ...common("storage"),
      metricName: "FreeStorageSpace",
      comparisonOperator: "LessThanThreshold",
      threshold: 2_147_483_648,
      statistic: "Minimum",
      period: 300,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    });
    assert.match(description("alarms-storage"), /less than 10 % of its 20 GiB.*Turn on Storage Autoscaling/);
  });

  test("connections: a warning above 15, an alarm above 18, at the highest of five minutes", () => {
    for (const [purpose, threshold] of Object.entries({ "connections-warning": 15, "connections-alarm": 18 })) {
      assert.deepEqual(condition(`alarms-${purpose}`), {
        ...common(purpose),
        metricName: "DatabaseConnections",
        comparisonOperator: "GreaterThanThreshold",
        threshold,
        statistic: "Maximum",
        period: 300,
        evaluationPeriods: 1,
        treatMissingData: "ignore",
      });
      assert.match(description(`alarms-${purpose}`), new RegExp(`more than ${threshold} .*PgBouncer.*bigger instance`));
    }
    assert.match(description("alarms-connections-warning"), /^Warning\. /);
  });

  test("say what they mean and what to do in no more than CloudWatch takes, whatever the settings", async () => {
    const longest = {
      ...ALARMS,
      databaseInstance: "b".repeat(63),
      allocatedStorage: 65_536,
      thresholds: {
        ...ALARMS.thresholds,
        freeableMemory: 16_777_216,
        connectionsWarning: 1000,
        connectionsAlarm: 262_143,
      },
    };
    const descriptions = (await registered(longest)).flatMap(({ inputs }) => inputs.alarmDescription ?? []);
    assert.equal(descriptions.length, 5);
    for (const text of descriptions) assert.ok(String(text).length <= 1024, String(text));
  });
});

test("another threshold is in the alarm and in what it says", async () => {
  const thresholds = { ...ALARMS.thresholds, freeStoragePercent: 7 };
  const { inputs } = named(await registered({ ...ALARMS, allocatedStorage: 21, thresholds }), "alarms-storage");
  // A whole number of bytes: 1,578,400,481.28 would be read back as another figure than was written.
  assert.equal(inputs.threshold, 1_578_400_481);
  assert.match(String(inputs.alarmDescription), /less than 7 % of its 21 GiB/);
});

async function tenantWith(alarmTopic: TenantArgs["alarmTopic"]): Promise<Registration[]> {
  const args = tenantArgs({ alarmTopic });
  const { registrations } = await record(() => {
    const providers = { postgresql: new postgresql.Provider("database-admin", {}) };
    return new Tenant("acme", args, { providers });
  });
  return registrations;
}

test("a tenant's server has an alarm on its status checks, which follows the instance", async () => {
  const registrations = await tenantWith({ name: TOPIC.slice(TOPIC.lastIndexOf(":") + 1), resource: undefined });
  const alarm = named(registrations, "acme-status-alarm");
  const { alarmDescription, ...inputs } = alarm.inputs;
  assert.equal(alarm.parent, "acme-server");
  assert.deepEqual(inputs, {
    name: "b2b-tenants-prod-acme-status",
    namespace: "AWS/EC2",
    metricName: "StatusCheckFailed",
    dimensions: { InstanceId: "acme-instance-id" },
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    statistic: "Maximum",
    period: 60,
    evaluationPeriods: 2,
    treatMissingData: "missing",
    alarmActions: [TOPIC],
    okActions: [TOPIC],
    tags: { Name: "prod-acme", tenant: "acme", environment: "prod", "managed-by": "b2b-tenants" },
  });
  assert.deepEqual(alarm.madeFrom.dimensions, ["acme-instance"]);
  assert.match(
    String(alarmDescription),
    /^The server of tenant acme .*stop the instance and start it.*rotation\.server/,
  );
  // It goes after the gate has been passed, and before the instance that it watches.
  assert.ok(named(registrations, "acme-gate").dependsOn.includes("acme-status-alarm"));
});

test("without the section `alarms` a tenant's server has none", async () => {
  const alarms = (await tenantWith(undefined)).filter(({ type }) => /^aws:(cloudwatch|sns)/.test(type));
  assert.deepEqual(alarms, []);
});
