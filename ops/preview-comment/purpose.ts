import type { ResourceChange } from "./resource-change";

type Kind = Pick<ResourceChange, "type" | "name">;

/** By the last part of the type, and where one type serves two ends, by the name's ending. */
const LABELS: readonly (readonly [RegExp, RegExp, string])[] = [
  [/:Schema$/, /./, "schema"],
  [/postgresql.*:Role$/, /./, "login role"],
  [/ec2.instance:Instance$/, /./, "server"],
  [/:RandomPassword$/, /-password$/, "database password"],
  [/:RandomPassword$/, /-secret-key$/, "`SECRET_KEY`"],
  [/:OffboardingGate$/, /./, "offboarding gate"],
  [/:DropGuard$/, /./, "drop guard"],
  [/:SchemaGuard$/, /./, "schema guard"],
  [/:SqlScript$/, /./, "tables"],
  [/:DefaultPrivileges$/, /./, "default privileges"],
  [/:Grant$/, /./, "grant"],
  [/ssm.*:Parameter$/, /./, "`.env` value"],
  [/iam.*:Role$/, /./, "server's IAM role"],
  [/:RolePolicy$/, /./, "server's IAM policy"],
  [/:InstanceProfile$/, /./, "instance profile"],
  [/:SecurityGroup$/, /./, "security group"],
  [/:SecurityGroup(Ingress|Egress)Rule$/, /./, "network rule"],
  [/:MetricAlarm$/, /./, "alarm"],
  [/:Topic$/, /./, "topic of the alarms"],
  [/:TopicSubscription$/, /./, "address of the alarms"],
  [/^pulumi:providers:/, /./, "provider"],
];

/** What a resource is, in words; undefined for one that this program does not make. */
export function labelOf({ type, name }: Kind): string | undefined {
  return LABELS.find(([types, names]) => types.test(type) && names.test(name))?.[2];
}
