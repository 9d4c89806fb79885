import type { AlarmSettings } from "./settings-spec";

/** One alarm on the shared RDS instance, as CloudWatch is told of it. */
export interface DatabaseAlarm {
  /** Last part of its names. */
  readonly purpose: string;
  readonly metricName: string;
  readonly comparisonOperator: "GreaterThanThreshold" | "LessThanThreshold";
  /** In the metric's own unit: percent, bytes or connections. */
  readonly threshold: number;
  readonly statistic: "Average" | "Minimum" | "Maximum";
  /** Seconds that one figure is made of. */
  readonly period: number;
  /** How many figures in a row have to be beyond the threshold. */
  readonly evaluationPeriods: number;
  readonly treatMissingData: "breaching" | "ignore";
  /** For whoever gets the message: what it means, and what to do. At most 1024 characters. */
  readonly description: string;
}

const FIVE_MINUTES = 300;
const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/** When to grow (docs/guia.es.md, section 7), as alarms: the figures there are the defaults of the thresholds, its advice is in the descriptions. */
export function databaseAlarms({ databaseInstance, allocatedStorage, thresholds }: AlarmSettings): DatabaseAlarm[] {
  const { cpuPercent, freeableMemory, freeStoragePercent, connectionsWarning, connectionsAlarm } = thresholds;
  const above = { comparisonOperator: "GreaterThanThreshold" } as const;
  const below = { comparisonOperator: "LessThanThreshold" } as const;
  // An instance that is silent is not better than it was: what had gone off stays so, as where a full disk has stopped it.
  const at = { period: FIVE_MINUTES, evaluationPeriods: 1, treatMissingData: "ignore" } as const;
  const connections = { metricName: "DatabaseConnections", ...above, ...at, statistic: "Maximum" } as const;
  const tooMany = (limit: number) =>
    `The shared database ${databaseInstance} has had more than ${limit} connections at once. To see whose they are, run npx b2b-tenants report. `;
  return [
    {
      purpose: "cpu",
      metricName: "CPUUtilization",
      ...above,
      threshold: cpuPercent,
      statistic: "Average",
      period: FIVE_MINUTES,
      // Sustained: a report that somebody runs is over sooner.
      evaluationPeriods: 3,
      // This one alone tells that the figures have stopped, or never came: five messages would say no more.
      treatMissingData: "breaching",
      description:
        `The CPU of the shared database ${databaseInstance} has been above ${cpuPercent} % for 15 minutes: all tenants wait for ` +
        "it. To see whose statements they are, run npx b2b-tenants report. If it goes on, move up to db.t3.small, or to the next bigger class. " +
        "It also goes off when no figures come: is the instance running, and is its identifier the one in " +
        "b2b-tenants:alarms.databaseInstance?",
    },
    {
      purpose: "memory",
      metricName: "FreeableMemory",
      ...below,
      ...at,
      threshold: freeableMemory * MEBIBYTE,
      statistic: "Average",
      description:
        `The shared database ${databaseInstance} has had less than ${freeableMemory} MiB of memory left for five minutes: ` +
        "it is about to swap, which makes it slow for all tenants. Move up to a bigger instance, or lower max_connections, and " +
        "with it b2b-tenants:limits.maxConnections.",
    },
    {
      purpose: "storage",
      metricName: "FreeStorageSpace",
      ...below,
      ...at,
      threshold: Math.round((allocatedStorage * GIBIBYTE * freeStoragePercent) / 100),
      statistic: "Minimum",
      description:
        `The shared database ${databaseInstance} has less than ${freeStoragePercent} % of its ${allocatedStorage} GiB left: when ` +
        "they are used up, it stops for all tenants. Turn on Storage Autoscaling in the AWS console, or allocate more, and say " +
        "so in b2b-tenants:alarms.allocatedStorage. To see which tenant has grown, run npx b2b-tenants report.",
    },
    {
      purpose: "connections-warning",
      ...connections,
      threshold: connectionsWarning,
      description:
        `Warning. ${tooMany(connectionsWarning)}The alarm comes above ${connectionsAlarm}. Plan for PgBouncer on the ` +
        "tenants' servers (server.pooler, docs/backend.md) with lower limits, or for a bigger instance.",
    },
    {
      purpose: "connections-alarm",
      ...connections,
      threshold: connectionsAlarm,
      description:
        `${tooMany(connectionsAlarm)}Lower database.connectionLimit with PgBouncer on the tenants' servers (server.pooler, ` +
        "docs/backend.md), or move up to a bigger instance, and then raise " +
        "b2b-tenants:alarms.thresholds to what it can handle.",
    },
  ];
}
