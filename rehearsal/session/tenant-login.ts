import { isSlug } from "../../domain/names";
import { readLogins } from "../../ops/stack/tenant-environment";
import type { Session } from "./session";

/** The tenant's own login, from the parameter that its server gets it from. */
export async function tenantLogin(
  { stack, environment, region, moto }: Pick<Session, "stack" | "environment" | "region" | "moto">,
  slug: string,
): Promise<{ user: string; password: string }> {
  const aws = { region, endpoint: moto.endpoint, credentials: moto.credentials };
  const login = isSlug(slug) ? (await readLogins({ settings: { environment }, aws }, [slug])).get(slug) : undefined;
  if (login !== undefined && !("problem" in login)) return login;
  throw new Error(
    `the stack "${stack}" has no tenant ${JSON.stringify(slug)} that has been brought to life; ` +
      "run: npm run rehearse -- outputs",
  );
}
