import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { isSlug, ssmPath } from "../domain/names";
import { awsClients } from "./aws-clients";
import type { Session } from "./session";

/** The tenant's own login, from the parameter that its server gets it from. */
export async function tenantLogin(session: Session, slug: string): Promise<{ user: string; password: string }> {
  const parameter = `${ssmPath(session.stack, slug)}/DATABASE_URL`;
  const { ssm } = awsClients(session);
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameter, WithDecryption: true }));
    const url = new URL(Parameter?.Value ?? "");
    return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  } catch (error) {
    if (isSlug(slug) && (error as Error).name !== "ParameterNotFound") {
      throw error;
    }
    throw new Error(
      `the stack "${session.stack}" has no tenant ${JSON.stringify(slug)} that has been brought to life; ` +
        "run: npm run rehearse -- outputs",
    );
  }
}
