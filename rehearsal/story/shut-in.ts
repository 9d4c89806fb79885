import { iamName, ssmPath } from "../../domain/names";
import { awsClients } from "../aws-clients";
import { boot } from "../boot";
import { isolationFaults, TENANT_TABLES, type TenantAccess } from "../isolation";
import { admits, policiesOfRole } from "../servers/iam-policy";
import type { Session } from "../session";
import { expect, type Telling, type TenantRow } from "./telling";

/** Every tenant's server boots, and with what it then has in its `.env` no tenant gets at another. */
export async function shutIn(
  telling: Telling,
  session: Session,
  tenants: Readonly<Record<string, TenantRow>>,
): Promise<void> {
  const accesses: TenantAccess[] = [];
  for (const [slug, { schema }] of Object.entries(tenants)) {
    const { envFile, env } = await boot(session, slug);
    accesses.push({ slug, schema, url: env.DATABASE_URL ?? "" });
    telling.held(`${slug}'s server has booted and written ${envFile}`);
  }
  const { iam } = awsClients(session);
  for (const tenant of accesses) {
    const others = accesses.filter((other) => other !== tenant);
    const faults = await isolationFaults(tenant, others);
    expect(faults.length === 0, `${tenant.slug} is not shut in`, faults);
    const policies = await policiesOfRole(iam, iamName(session.stack, tenant.slug));
    for (const { slug } of accesses) {
      const admitted = admits(policies, "ssm:GetParametersByPath", pathArn(session, slug));
      expect(admitted === (slug === tenant.slug), `${tenant.slug}'s server may read the wrong parameters`, [slug]);
    }
    telling.held(
      `with its .env alone ${tenant.slug} sees its ${TENANT_TABLES.length} tables, and is refused ` +
        `${others.length} other schemas, public, and the others' parameters`,
    );
  }
}

/** A parameter path as IAM names it; the emulator's account is fixed. */
function pathArn({ region, stack }: Session, slug: string): string {
  return `arn:aws:ssm:${region}:123456789012:parameter${ssmPath(stack, slug)}`;
}
