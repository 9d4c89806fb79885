import "../../ops/stack/aws-client";
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  type Tag,
} from "@aws-sdk/client-ec2";
import { ListInstanceProfilesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { ListTopicsCommand } from "@aws-sdk/client-sns";
import { paginateGetParametersByPath } from "@aws-sdk/client-ssm";
import { awsClients } from "../../rehearsal/session/aws-clients";
import type { Site } from "./site";

/**
 * Whatever is there of any tenant, looked up in the database and the account and not in Pulumi's state, sorted: as
 * `role user_farmacruz`. Each entry names its tenant.
 */
export async function inventory(site: Site): Promise<string[]> {
  const aws = awsClients({ moto: site.moto, region: site.settings.region });
  const inAccount = [parameters, servers, identities, network, serverAlarms].map((look) => look(aws));
  const found = await Promise.all([inDatabase(site), ...inAccount]);
  return found.flat().sort();
}

/** The alarms on the shared database, by their metrics, and the topics that all alarms go to; sorted. */
export async function sharedAlarms(site: Site): Promise<string[]> {
  const { cloudwatch, sns } = awsClients({ moto: site.moto, region: site.settings.region });
  const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ MaxRecords: 100 }));
  const { Topics } = await sns.send(new ListTopicsCommand({}));
  const onDatabase = (MetricAlarms ?? []).filter(({ Namespace }) => Namespace === "AWS/RDS");
  return [
    ...onDatabase.map(({ MetricName = "" }) => MetricName),
    ...(Topics ?? []).map(({ TopicArn = "" }) => TopicArn.slice(TopicArn.lastIndexOf(":") + 1)),
  ].sort();
}

type Aws = ReturnType<typeof awsClients>;

async function inDatabase(site: Site): Promise<string[]> {
  const rows = await site.query<{ entry: string }>(String.raw`
    select 'role ' || rolname as entry from pg_roles where rolname like 'user\_%'
    union all select 'schema ' || nspname from pg_namespace where nspname like 'schema\_%'`);
  return rows.map(({ entry }) => entry);
}

async function parameters({ ssm }: Aws): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: "/b2b-tenants", Recursive: true })) {
    names.push(...(page.Parameters ?? []).map(({ Name }) => `parameter ${Name}`));
  }
  return names;
}

async function serverAlarms({ cloudwatch }: Aws): Promise<string[]> {
  const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ MaxRecords: 100 }));
  const onServers = (MetricAlarms ?? []).filter(({ Namespace }) => Namespace === "AWS/EC2");
  return onServers.map(({ AlarmName }) => `alarm ${AlarmName}`);
}

/** A terminated instance is still listed for a while. */
async function servers({ ec2 }: Aws): Promise<string[]> {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
  return (Reservations ?? [])
    .flatMap(({ Instances }) => Instances ?? [])
    .filter(({ State }) => State?.Name !== "terminated")
    .map(({ Tags }) => `instance of ${tenantOf(Tags)}`);
}

async function identities({ iam }: Aws): Promise<string[]> {
  const { Roles } = await iam.send(new ListRolesCommand({}));
  const { InstanceProfiles } = await iam.send(new ListInstanceProfilesCommand({}));
  return [
    ...(Roles ?? []).map(({ RoleName }) => `IAM role ${RoleName}`),
    ...(InstanceProfiles ?? []).map(({ InstanceProfileName }) => `instance profile ${InstanceProfileName}`),
  ];
}

/** Security groups besides those that the program finds there, and the rules that let tenants' servers reach the database. */
async function network({ ec2 }: Aws): Promise<string[]> {
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  const { SecurityGroupRules } = await ec2.send(new DescribeSecurityGroupRulesCommand({}));
  const given = (SecurityGroups ?? []).filter(({ GroupName }) =>
    /^(default|rehearsal-database)$/.test(GroupName ?? ""),
  );
  const database = given.find(({ GroupName }) => GroupName === "rehearsal-database")?.GroupId;
  return [
    ...(SecurityGroups ?? [])
      .filter((group) => !given.includes(group))
      .map(({ Tags }) => `security group of ${tenantOf(Tags)}`),
    ...(SecurityGroupRules ?? [])
      .filter(({ GroupId, IsEgress }) => GroupId === database && !IsEgress)
      .map(({ ReferencedGroupInfo: from }) => SecurityGroups?.find(({ GroupId }) => GroupId === from?.GroupId))
      .map((group) => `access to the database of ${tenantOf(group?.Tags)}`),
  ];
}

function tenantOf(tags: Tag[] | undefined): string {
  return tags?.find(({ Key }) => Key === "tenant")?.Value ?? "nobody";
}
