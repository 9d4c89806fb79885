import { DEFAULT_PRIVILEGES, GRANT, ROLE, SCHEMA } from "./reading/postgresql-types";

/** The program's own components: nothing is made by them but what they hold, and that is looked at by itself. */
const COMPONENT = "b2b-tenants:index:";

/** What a tenant is made of. Policies look at more types than these, so that one which is added here is not without them. */
const IN_TENANT = new Set([
  ROLE,
  SCHEMA,
  GRANT,
  DEFAULT_PRIVILEGES,
  "random:index/randomPassword:RandomPassword",
  "pulumi-nodejs:dynamic/b2b-tenants:SchemaGuard",
  "pulumi-nodejs:dynamic/b2b-tenants:DropGuard",
  "pulumi-nodejs:dynamic/b2b-tenants:SqlScript",
  "pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate",
  "aws:ssm/parameter:Parameter",
  "aws:iam/role:Role",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/instanceProfile:InstanceProfile",
  "aws:ec2/securityGroup:SecurityGroup",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  "aws:ec2/instance:Instance",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
]);

/** What there is besides tenants. */
const BESIDES = new Set([
  GRANT,
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:sns/topic:Topic",
  "aws:sns/topicSubscription:TopicSubscription",
  "pulumi:pulumi:Stack",
  "pulumi:providers:aws",
  "pulumi:providers:postgresql",
  "pulumi:providers:pulumi",
  "pulumi:providers:pulumi-nodejs",
  "pulumi:providers:random",
]);

/** Whether somebody has thought about what a resource of that type can do to tenants, there where it is. */
export function isKnown(type: string, tenant: string | undefined): boolean {
  return type.startsWith(COMPONENT) || (tenant === undefined ? BESIDES : IN_TENANT).has(type);
}
