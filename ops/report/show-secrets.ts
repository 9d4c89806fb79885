import { envLine } from "../../domain/env-file";
import { jsonText } from "../../domain/json-text";
import { ssmPath } from "../../domain/names";
import { POOLER_KEY } from "../../domain/pooler";
import { printable, UNPRINTABLE } from "../../domain/printable";
import type { Output, Status } from "../output";
import type { StackAccess } from "../stack/stack-access";
import { readEnvironment } from "../stack/tenant-environment";
import { deployedTenants } from "./reference";

export interface ShowSecretsOptions {
  readonly slug: string;
  readonly json: boolean;
  /** The command that lists the tenants which the stack has. */
  readonly listing: string;
  /** Asks whether to print them; told what about. */
  readonly consent: (question: string) => Promise<boolean>;
}

/**
 * Prints a tenant's `.env`, as the boot script writes it on the tenant's server. Nothing is read before somebody has agreed.
 *
 * @returns 1 when nobody has.
 * @throws Error when the stack has no such tenant, or its parameters make no `.env`.
 */
export async function showSecrets(
  access: Pick<StackAccess, "stack" | "settings" | "aws" | "declared" | "exportState">,
  output: Output,
  { slug, json, listing, consent }: ShowSecretsOptions,
): Promise<Status> {
  const { stack, settings, declared } = access;
  const path = ssmPath(settings.environment, slug);
  const known = declared.some((tenant) => tenant.slug === slug) || Object.hasOwn(await deployedTenants(access), slug);
  if (!known) throw new Error(`stack ${stack} has no tenant ${slug}; to list its tenants: ${listing}`);
  if (!(await consent(`Print the .env of ${slug} in ${stack}, with its password and SECRET_KEY in clear?`))) {
    output.report("Nothing was printed. Where there is no terminal to answer on, add --yes.");
    return 1;
  }
  const environment = await readEnvironment(access, slug);
  if (environment.size === 0) {
    throw new Error(
      `tenant ${slug} has no parameters under ${path}: run \`up --refresh\`, which makes them again if they were deleted`,
    );
  }
  output.print(json ? jsonText(Object.fromEntries(environment), 2) : envFile(environment, path));
  return 0;
}

/**
 * Names what does not fit into a `.env`, and shows nothing of its value, which may be a secret. Where there is a pooler, the server's own
 * `.env` names that, with a login that only the server knows; this one names the database.
 */
function envFile(environment: ReadonlyMap<string, string>, path: string): string {
  return [...environment]
    .filter(([key]) => key !== POOLER_KEY)
    .map(([key, value]) => {
      const line = envLine(key, value);
      if (line !== undefined && line.search(UNPRINTABLE) < 0) return line;
      throw new Error(
        `parameter ${printable(`${path}/${key}`)} makes no line of a .env that all its readers take alike; --json prints it all ` +
          "the same",
      );
    })
    .join("\n");
}
