export const STACK_TYPE = "pulumi:pulumi:Stack";
export const SHARED_DATABASE_TYPE = "b2b:index:SharedDatabase";
export const TENANT_TYPE = "b2b:index:Tenant";
export const ROLE_TYPE = "postgresql:index/role:Role";
export const SCHEMA_TYPE = "postgresql:index/schema:Schema";
const PARAMETER_TYPE = "aws:ssm/parameter:Parameter";
export const SECURITY_GROUP_TYPE = "aws:ec2/securityGroup:SecurityGroup";
export const SUBSCRIPTION_TYPE = "aws:sns/topicSubscription:TopicSubscription";
export const MIGRATIONS_TYPE = "pulumi-nodejs:dynamic/b2b-tenants:Migrations";
export const HANDOVER_TYPE = "pulumi-nodejs:dynamic/b2b-tenants:LoginHandover";
export const GATE_TYPE = "pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate";

/** What people call the resources that this program makes, by type. Code is in backticks, as in Markdown. */
const LABELS: Readonly<Record<string, string>> = {
  [ROLE_TYPE]: "login role",
  [SCHEMA_TYPE]: "schema",
  "postgresql:index/grant:Grant": "grant",
  "postgresql:index/defaultPrivileges:DefaultPrivileges": "default privileges",
  [GATE_TYPE]: "offboarding gate",
  "pulumi-nodejs:dynamic/b2b-tenants:DropGuard": "drop guard",
  "pulumi-nodejs:dynamic/b2b-tenants:SchemaGuard": "schema guard",
  "pulumi-nodejs:dynamic/b2b-tenants:SqlScript": "tables",
  [HANDOVER_TYPE]: "login handover",
  [MIGRATIONS_TYPE]: "migrations",
  "aws:ec2/instance:Instance": "server",
  [PARAMETER_TYPE]: "`.env` value",
  "aws:iam/role:Role": "server's IAM role",
  "aws:iam/rolePolicy:RolePolicy": "server's IAM policy",
  "aws:iam/instanceProfile:InstanceProfile": "instance profile",
  [SECURITY_GROUP_TYPE]: "security group",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "network rule",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "network rule",
  "aws:cloudwatch/metricAlarm:MetricAlarm": "alarm",
  "aws:sns/topic:Topic": "topic of the alarms",
  [SUBSCRIPTION_TYPE]: "address of the alarms",
};

const PASSWORD_TYPE = "random:index/randomPassword:RandomPassword";

/** What a resource is called; undefined for a component, and for a resource that this program does not make. */
export function labelOf({ type, name }: { readonly type: string; readonly name: string }): string | undefined {
  if (type === PARAMETER_TYPE && name.endsWith("-pooler")) return "pooler";
  if (type === PASSWORD_TYPE) return name.endsWith("-secret-key") ? "`SECRET_KEY`" : "database password";
  return type.startsWith("pulumi:providers:") ? "provider" : LABELS[type];
}
