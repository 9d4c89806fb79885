import { paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import {
  DescribeInstancesCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
} from "@aws-sdk/client-ec2";
import { ListInstanceProfilesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { DescribeParametersCommand } from "@aws-sdk/client-ssm";
import { awsClients } from "../../rehearsal/session/aws-clients";
import type { ScratchRehearsal } from "./scratch-rehearsal";

/** Everything in the database and in the account that belongs to some tenant, a line each, sorted; `of` narrows it to one. */
export async function leftovers(rehearsal: ScratchRehearsal, of = ""): Promise<string[]> {
  return [...(await inDatabase(rehearsal)), ...(await inAccount(rehearsal))].filter((line) => line.includes(of)).sort();
}

async function inDatabase(rehearsal: ScratchRehearsal): Promise<string[]> {
  const rows = await rehearsal.sql(
    `select 'role ' || rolname as line from pg_roles where rolname like 'user\\_%'
     union all select 'schema ' || nspname from pg_namespace where nspname like 'schema\\_%'
     union all select 'default privileges ' || defaclnamespace::regnamespace::text from pg_default_acl
     union all select 'owned by ' || c.relowner::regrole::text || ' ' || c.oid::regclass::text from pg_class c
       where c.relowner in (select oid from pg_roles where rolname like 'user\\_%') and c.relkind = 'r'`,
  );
  return rows.map(({ line }) => line);
}

async function inAccount({ session }: ScratchRehearsal): Promise<string[]> {
  const { cloudwatch, ssm, ec2, iam } = awsClients(session);
  const lines: string[] = [];
  for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
    const page = await ssm.send(new DescribeParametersCommand({ MaxResults: 50, ...(NextToken && { NextToken }) }));
    lines.push(...(page.Parameters ?? []).map(({ Name }) => `parameter ${Name}`));
    NextToken = page.NextToken;
  }
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
  for (const instance of (Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])) {
    const slug = instance.Tags?.find(({ Key }) => Key === "tenant")?.Value;
    if (instance.State?.Name !== "terminated") lines.push(`instance of ${slug}`);
  }
  const { Roles } = await iam.send(new ListRolesCommand({ MaxItems: 1000 }));
  lines.push(...(Roles ?? []).map(({ RoleName }) => `IAM role ${RoleName}`));
  const { InstanceProfiles } = await iam.send(new ListInstanceProfilesCommand({ MaxItems: 1000 }));
  lines.push(...(InstanceProfiles ?? []).map(({ InstanceProfileName }) => `instance profile ${InstanceProfileName}`));
  // The account's own are VPCs' default groups and the database's, which the program takes as given.
  const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({}));
  const theirs = (SecurityGroups ?? []).filter(({ GroupName = "" }) => !/^(default|rehearsal-.*)$/.test(GroupName));
  lines.push(...theirs.map(({ Description }) => `security group: ${Description}`));
  const { SecurityGroupRules } = await ec2.send(new DescribeSecurityGroupRulesCommand({}));
  const ruled = (SecurityGroupRules ?? []).filter(({ ReferencedGroupInfo }) => ReferencedGroupInfo !== undefined);
  lines.push(...ruled.map(({ Description }) => `security group rule: ${Description}`));
  for await (const { MetricAlarms } of paginateDescribeAlarms({ client: cloudwatch }, { MaxRecords: 100 })) {
    // The others are on what all tenants share.
    const onServers = (MetricAlarms ?? []).filter(({ Namespace }) => Namespace === "AWS/EC2");
    lines.push(...onServers.map(({ AlarmName }) => `alarm ${AlarmName}`));
  }
  return lines;
}
