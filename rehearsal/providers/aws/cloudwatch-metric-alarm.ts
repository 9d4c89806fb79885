import {
  type ComparisonOperator,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  ListTagsForResourceCommand,
  PutMetricAlarmCommand,
  type Statistic,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import type { PropertyValue, Props } from "../../protocol/property-values";
import type { CheckFailure } from "../stand-in";
import { doing } from "./aws-error";
import { type AwsType, optionalText, text } from "./aws-type";
import type { Aws } from "./clients";
import { retag, tagList, tagMap } from "./tags";

const OPERATORS = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
];
const STATISTICS = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
const MISSING_DATA = ["breaching", "notBreaching", "ignore", "missing"];

/** `aws.cloudwatch.MetricAlarm` on one metric and a fixed threshold. Its id is its name. */
export const cloudwatchMetricAlarm: AwsType = {
  inputs: {
    name: { autonamed: true, replaces: true },
    comparisonOperator: { required: true },
    evaluationPeriods: { required: true },
    metricName: {},
    namespace: {},
    dimensions: {},
    period: {},
    statistic: {},
    threshold: {},
    alarmDescription: {},
    alarmActions: { compare: "set" },
    okActions: { compare: "set" },
    treatMissingData: { default: "missing" },
    tags: {},
  },
  computed: ["actionsEnabled", "arn", "evaluateLowSampleCountPercentiles", "region"],
  validate: (inputs) => [
    ...oneOf(inputs, "comparisonOperator", OPERATORS),
    ...oneOf(inputs, "statistic", STATISTICS),
    ...oneOf(inputs, "treatMissingData", MISSING_DATA),
    ...lengthOf(inputs, "name", 255),
    ...lengthOf(inputs, "alarmDescription", 1024),
    ...periodProblem(inputs.period),
  ],
  // The call overwrites an alarm of that name, and so does the real provider.
  create: async (inputs, aws, made) => {
    const name = text(inputs.name);
    await put(name, { ...asked(name, inputs), Tags: tagList(inputs.tags) }, aws);
    made(name);
  },
  read: async (name, _known, aws) => {
    const { MetricAlarms } = await doing(`reading CloudWatch Metric Alarm (${name})`, () =>
      aws.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ["MetricAlarm"] })),
    );
    const [found] = MetricAlarms ?? [];
    if (!found) return undefined;
    const { Tags } = await aws.cloudwatch.send(new ListTagsForResourceCommand({ ResourceARN: found.AlarmArn }));
    return {
      arn: found.AlarmArn ?? "",
      name: found.AlarmName ?? "",
      comparisonOperator: found.ComparisonOperator ?? "",
      evaluationPeriods: found.EvaluationPeriods ?? 0,
      metricName: found.MetricName ?? "",
      namespace: found.Namespace ?? "",
      dimensions: Object.fromEntries((found.Dimensions ?? []).map(({ Name, Value }) => [Name ?? "", Value ?? ""])),
      period: found.Period ?? 0,
      statistic: found.Statistic ?? "",
      threshold: found.Threshold ?? 0,
      alarmDescription: found.AlarmDescription ?? "",
      alarmActions: found.AlarmActions ?? [],
      okActions: found.OKActions ?? [],
      actionsEnabled: found.ActionsEnabled ?? false,
      treatMissingData: found.TreatMissingData ?? "missing",
      evaluateLowSampleCountPercentiles: found.EvaluateLowSampleCountPercentile ?? "",
      region: aws.region,
      tags: tagMap(Tags),
    };
  },
  update: async ({ id, olds, news, changed }, aws) => {
    if ([...changed].some((key) => key !== "tags")) await put(id, asked(id, news), aws);
    // Of an alarm that exists the call above ignores the tags.
    const ResourceARN = text(olds.arn);
    await doing(`updating tags for CloudWatch Metric Alarm (${id})`, () =>
      retag(
        olds.tags,
        news.tags,
        (TagKeys) => aws.cloudwatch.send(new UntagResourceCommand({ ResourceARN, TagKeys })),
        (Tags) => aws.cloudwatch.send(new TagResourceCommand({ ResourceARN, Tags })),
      ),
    );
  },
  delete: async (id, _state, aws) => {
    const work = () => aws.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [id] }));
    await doing(`deleting CloudWatch Metric Alarm (${id})`, work, ["ResourceNotFound"]);
  },
};

type Asked = ConstructorParameters<typeof PutMetricAlarmCommand>[0];

async function put(name: string, request: Asked, aws: Aws): Promise<void> {
  await doing(`putting CloudWatch Metric Alarm (${name})`, () =>
    aws.cloudwatch.send(new PutMetricAlarmCommand(request)),
  );
}

function asked(AlarmName: string, inputs: Props): Asked {
  return {
    AlarmName,
    ComparisonOperator: text(inputs.comparisonOperator) as ComparisonOperator,
    EvaluationPeriods: Number(inputs.evaluationPeriods),
    MetricName: optionalText(inputs.metricName),
    Namespace: optionalText(inputs.namespace),
    Dimensions: Object.entries((inputs.dimensions ?? {}) as Props).map(([Name, value]) => ({
      Name,
      Value: String(value),
    })),
    Period: optionalNumber(inputs.period),
    Statistic: optionalText(inputs.statistic) as Statistic | undefined,
    // The real provider sends nought when there is none.
    Threshold: Number(inputs.threshold ?? 0),
    AlarmDescription: optionalText(inputs.alarmDescription),
    AlarmActions: texts(inputs.alarmActions),
    OKActions: texts(inputs.okActions),
    TreatMissingData: text(inputs.treatMissingData),
  };
}

function texts(value: PropertyValue | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function optionalNumber(value: PropertyValue | undefined): number | undefined {
  return typeof value === "number" && value !== 0 ? value : undefined;
}

function oneOf(inputs: Props, property: string, allowed: readonly string[]): CheckFailure[] {
  const value = inputs[property];
  if (value === undefined || allowed.includes(text(value))) return [];
  return [{ property, reason: `expected ${property} to be one of ${JSON.stringify(allowed)}, got ${text(value)}` }];
}

function lengthOf(inputs: Props, property: string, most: number): CheckFailure[] {
  const { length } = text(inputs[property]);
  if (length <= most) return [];
  return [{ property, reason: `expected length of ${property} to be at most ${most}, got ${length}` }];
}

function periodProblem(value: PropertyValue | undefined): CheckFailure[] {
  if (value === undefined || [10, 20, 30].includes(Number(value)) || Number(value) % 60 === 0) return [];
  return [{ property: "period", reason: `expected period to be 10, 20, 30 or a multiple of 60, got ${Number(value)}` }];
}
