import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { GetParametersByPathCommand } from "@aws-sdk/client-ssm";
import { withAdminConnection } from "../../database/connection";
import { loginNames, roleName, schemaName, ssmPath } from "../../domain/names";
import { adminTarget } from "../../ops/stack/admin-target";
import { awsClients } from "../session/aws-clients";
import type { Session } from "../session/session";
import { stackAccess } from "../session/stack-access";

/** What is there of a tenant that should be gone. */
export async function leftOf(session: Session, slug: string): Promise<string[]> {
  const { rows } = await withAdminConnection(adminTarget(stackAccess(session)), (admin) =>
    admin.query<{ name: string }>(
      "select rolname as name from pg_roles where rolname = any ($1) union all select nspname from pg_namespace where nspname = $2",
      [loginNames(roleName(slug)), schemaName(slug)],
    ),
  );
  const { ssm, ec2 } = awsClients(session);
  const { Parameters } = await ssm.send(new GetParametersByPathCommand({ Path: ssmPath(session.environment, slug) }));
  const Filters = [
    { Name: "tag:tenant", Values: [slug] },
    { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
  ];
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  const instances = (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
  return [
    ...rows.map(({ name }) => name),
    ...(Parameters ?? []).map(({ Name }) => Name ?? ""),
    ...instances.map(({ InstanceId }) => InstanceId ?? ""),
  ];
}
