import { isDeepStrictEqual } from "node:util";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { errorMessage } from "../../database/error-message";
import type { AwsClientSettings } from "../../domain/aws-access";
import { type ConnectionTarget, parseConnectionString } from "../../domain/connection-string";
import { loginNames, roleName, ssmPath } from "../../domain/names";
import { withTimeouts } from "./aws-client";
import type { StackAccess } from "./stack-access";

/** The most parameters that SSM gives in one answer. */
const PAGE = 10;

/** A tenant's login as its server gets it, or why there is none. */
export type TenantLogin = Omit<ConnectionTarget, "sslmode"> | LoginProblem;

export interface LoginProblem {
  /** A sentence without a full stop. */
  readonly problem: string;
  /** Whether there is no parameter at all, as for a tenant that the stack does not have. */
  readonly missing: boolean;
}

type SettingsAndAws = Pick<StackAccess, "aws"> & { readonly settings: Pick<StackAccess["settings"], "environment"> };

/**
 * The logins of a stack's tenants, from the parameters from which their servers write their `.env`.
 *
 * @returns One entry for each slug.
 * @throws Error when SSM itself cannot be asked.
 */
export async function readLogins(
  { settings, aws }: SettingsAndAws,
  slugs: readonly string[],
): Promise<Map<string, TenantLogin>> {
  return withSsm(aws, async (ssm, { GetParametersCommand }) => {
    const logins = new Map<string, TenantLogin>();
    for (let first = 0; first < slugs.length; first += PAGE) {
      const page = slugs.slice(first, first + PAGE);
      const names = page.map((slug) => `${ssmPath(settings.environment, slug)}/DATABASE_URL`);
      const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names: names, WithDecryption: true }));
      const values = new Map(Parameters.map(({ Name, Value }) => [Name, Value]));
      for (const [index, slug] of page.entries()) {
        const name = names[index] ?? "";
        logins.set(slug, loginIn(values.get(name), name));
      }
    }
    return logins;
  });
}

/**
 * A tenant's whole `.env`, secrets included, in the order of its keys.
 *
 * @returns Empty when the tenant has no parameters.
 * @throws Error when SSM itself cannot be asked.
 */
export async function readEnvironment({ settings, aws }: SettingsAndAws, slug: string): Promise<Map<string, string>> {
  return withSsm(aws, async (ssm, { GetParametersByPathCommand }) => {
    const entries: [string, string][] = [];
    const path = ssmPath(settings.environment, slug);
    let NextToken: string | undefined;
    do {
      const page = await ssm.send(new GetParametersByPathCommand({ Path: path, WithDecryption: true, NextToken }));
      for (const { Name = "", Value = "" } of page.Parameters ?? []) entries.push([Name.slice(path.length + 1), Value]);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/**
 * A login that a tenant's parameter holds, to the database that the stack's settings name.
 *
 * @throws Error when it is none; the message never contains the password.
 */
export function expectedLogin(
  { settings }: Pick<StackAccess, "settings">,
  slug: string,
  login: TenantLogin,
): ConnectionTarget {
  const { host, port, name: database, sslmode } = settings.database;
  const user = roleName(slug);
  const isWanted = ({ password: _, ...found }: Omit<ConnectionTarget, "sslmode">) =>
    loginNames(user).some((name) => isDeepStrictEqual(found, { user: name, host, port, database }));
  if ("problem" in login || !isWanted(login)) {
    throw new Error(
      `${ssmPath(settings.environment, slug)}/DATABASE_URL is not a login of ${user} to ${host}:${port}, database ${database}, which is what ` +
        "the stack's settings say: run `up --refresh`, then run this again",
    );
  }
  return { ...login, sslmode };
}

/** A malformed value is not shown: it may contain the password. */
function loginIn(value: string | undefined, name: string): TenantLogin {
  if (value === undefined) return { problem: `there is no parameter ${name}`, missing: true };
  return parseConnectionString(value) ?? { problem: `parameter ${name} holds no URL`, missing: false };
}

type Sdk = typeof import("@aws-sdk/client-ssm");

async function withSsm<Result>(
  aws: AwsClientSettings,
  work: (ssm: SSMClient, sdk: Sdk) => Promise<Result>,
): Promise<Result> {
  // Slow to load: what a command asks of the database before this is under way meanwhile.
  const sdk = require("@aws-sdk/client-ssm") as Sdk;
  const ssm = new sdk.SSMClient(withTimeouts(aws));
  try {
    return await work(ssm, sdk);
  } catch (error) {
    const silent = error instanceof Error && error.name === "TimeoutError";
    const why = silent ? "it does not answer; check the network path to it" : errorMessage(error);
    throw new Error(`the parameters of the tenants cannot be read from SSM in ${aws.region}: ${why}`);
  } finally {
    ssm.destroy();
  }
}
