import { iamName, ssmPath } from "../../domain/names";
import { admits, policiesOfRole } from "../servers/iam-policy";
import { awsClients } from "../session/aws-clients";
import { boot } from "../session/boot";
import type { Session } from "../session/session";
import { ownSchemaProblems, TENANT_TABLES } from "./own-schema";
import { expect, type Telling } from "./telling";

/** Every tenant's server boots, works with what it then has in its `.env`, and may read no other tenant's parameters. */
export async function shutIn(telling: Telling, session: Session, slugs: readonly string[]): Promise<void> {
  const { iam } = awsClients(session);
  for (const slug of slugs) {
    const { envFile, env } = await boot(session, slug);
    telling.held(`${slug}'s server has booted and written ${envFile}`);
    const problems = await ownSchemaProblems(slug, env);
    expect(problems.length === 0, `${slug} is not as it should be`, problems);
    const policies = await policiesOfRole(iam, iamName(session.environment, slug));
    for (const other of slugs) {
      const admitted = admits(policies, "ssm:GetParametersByPath", pathArn(session, other));
      expect(admitted === (other === slug), `${slug}'s server may read the wrong parameters`, [other]);
    }
    telling.held(
      `with its .env alone ${slug} finds its ${TENANT_TABLES.length} tables, and its server may read nobody else's parameters`,
    );
  }
}

/** A parameter path as IAM names it; the emulator's account is fixed. */
function pathArn({ region, environment }: Session, slug: string): string {
  return `arn:aws:ssm:${region}:123456789012:parameter${ssmPath(environment, slug)}`;
}
