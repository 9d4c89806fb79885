import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
} from "@aws-sdk/client-ec2";
import { ListInstanceProfilesCommand, ListRolePoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { ListSubscriptionsCommand, ListTopicsCommand } from "@aws-sdk/client-sns";
import { paginateDescribeParameters } from "@aws-sdk/client-ssm";
import { Client } from "pg";
import type { ResourceState } from "../../rehearsal/engine/state";
import { awsClients } from "../../rehearsal/session/aws-clients";
import type { Session } from "../../rehearsal/session/session";

/** How many there are of each thing that tenants are made of, and of what their stack is told by. */
export interface Counts {
  readonly roles: number;
  readonly schemas: number;
  readonly parameters: number;
  readonly iamRoles: number;
  readonly iamPolicies: number;
  readonly instanceProfiles: number;
  readonly securityGroups: number;
  readonly rules: number;
  readonly instances: number;
  readonly alarms: number;
  readonly topics: number;
  readonly subscriptions: number;
}

export const NOTHING: Counts = {
  roles: 0,
  schemas: 0,
  parameters: 0,
  iamRoles: 0,
  iamPolicies: 0,
  instanceProfiles: 0,
  securityGroups: 0,
  rules: 0,
  instances: 0,
  alarms: 0,
  topics: 0,
  subscriptions: 0,
};

/** Counted in the database and in the account. */
export async function inTheWorld(session: Session): Promise<Counts> {
  const { host, port, database, adminUser, adminPassword } = session.postgres;
  const client = new Client({ host, port, database, user: adminUser, password: adminPassword });
  await client.connect();
  const roles = await client.query("select 1 from pg_roles where rolname ~ '^user2?_'");
  const schemas = await client.query("select 1 from pg_namespace where nspname like 'schema\\_%'");
  await client.end();
  const { cloudwatch, ec2, iam, sns, ssm } = awsClients(session);
  let parameters = 0;
  for await (const { Parameters } of paginateDescribeParameters({ client: ssm }, {}))
    parameters += Parameters?.length ?? 0;
  const iamRoles = (await iam.send(new ListRolesCommand({}))).Roles ?? [];
  const policies = [];
  for (const { RoleName } of iamRoles) {
    policies.push(...((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames ?? []));
  }
  const { InstanceProfiles } = await iam.send(new ListInstanceProfilesCommand({}));
  const Filters = [{ Name: "tag:managed-by", Values: ["b2b-tenants"] }];
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
  const groups = new Set((SecurityGroups ?? []).map(({ GroupId }) => GroupId));
  // Rules have no tags: a tenant's are those of its group, and the one in the database's that names it.
  const { SecurityGroupRules } = await ec2.send(new DescribeSecurityGroupRulesCommand({}));
  const rules = (SecurityGroupRules ?? []).filter(
    ({ GroupId, ReferencedGroupInfo }) => groups.has(GroupId) || groups.has(ReferencedGroupInfo?.GroupId),
  );
  const live = [...Filters, { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] }];
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters: live }));
  const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ MaxRecords: 100 }));
  const { Topics } = await sns.send(new ListTopicsCommand({}));
  const { Subscriptions } = await sns.send(new ListSubscriptionsCommand({}));
  return {
    roles: roles.rows.length,
    schemas: schemas.rows.length,
    parameters,
    iamRoles: iamRoles.length,
    iamPolicies: policies.length,
    instanceProfiles: InstanceProfiles?.length ?? 0,
    securityGroups: SecurityGroups?.length ?? 0,
    rules: rules.length,
    instances: (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []).length,
    alarms: MetricAlarms?.length ?? 0,
    topics: Topics?.length ?? 0,
    subscriptions: Subscriptions?.length ?? 0,
  };
}

/** Counted in the state. */
export function inTheState(resources: readonly Pick<ResourceState, "type">[]): Counts {
  const count = (type: string) => resources.filter((resource) => resource.type.startsWith(type)).length;
  return {
    roles: count("postgresql:index/role:"),
    schemas: count("postgresql:index/schema:"),
    parameters: count("aws:ssm/parameter:"),
    iamRoles: count("aws:iam/role:"),
    iamPolicies: count("aws:iam/rolePolicy:"),
    instanceProfiles: count("aws:iam/instanceProfile:"),
    securityGroups: count("aws:ec2/securityGroup:"),
    rules: count("aws:vpc/securityGroupIngressRule:") + count("aws:vpc/securityGroupEgressRule:"),
    instances: count("aws:ec2/instance:"),
    alarms: count("aws:cloudwatch/metricAlarm:"),
    topics: count("aws:sns/topic:"),
    subscriptions: count("aws:sns/topicSubscription:"),
  };
}
