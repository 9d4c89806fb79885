import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { Client } from "pg";
import { fencedRoles } from "../../database/offboarding/fence";
import type { ConnectionTarget } from "../../domain/connection-string";
import { roleName, schemaName, ssmPath } from "../../domain/names";
import type { StackAccess } from "../stack/stack-access";

/** The tenant that a backup is restored into. */
export interface TargetTenant {
  readonly slug: string;
  readonly schema: string;
  readonly role: string;
  /** Its own login, as its server has it. */
  readonly login: ConnectionTarget;
}

/**
 * Looks a tenant up as its own server does, in SSM, and in the database.
 *
 * @throws Error when it is no tenant of the stack, or is about to be removed; the message never tells the password.
 */
export async function findTarget(access: StackAccess, admin: Client, slug: string): Promise<TargetTenant> {
  const [schema, role] = [schemaName(slug), roleName(slug)];
  const login = await loginOf(access, slug, role);
  const { rowCount } = await admin.query(
    "select from pg_namespace join pg_roles r on r.oid = nspowner where nspname = $1 and rolname = $2",
    [schema, role],
  );
  if (!rowCount) throw notThere(access, slug, `its server has a login, but the database has no ${schema} of ${role}`);
  const fencedSince = (await fencedRoles(admin)).get(role);
  if (fencedSince !== undefined) {
    throw new Error(
      `${slug} has been shut out since ${fencedSince}, for its removal: run \`up\`, which lets it in, and then this again`,
    );
  }
  return { slug, schema, role, login };
}

async function loginOf(access: StackAccess, slug: string, role: string): Promise<ConnectionTarget> {
  const { settings, stack } = access;
  const name = `${ssmPath(stack, slug)}/DATABASE_URL`;
  const { host, port, name: database, sslmode } = settings.database;
  const delivered = parsed(await parameter(access, slug, name));
  if (
    delivered?.user !== role ||
    delivered.host !== host ||
    delivered.port !== port ||
    delivered.database !== database
  ) {
    throw new Error(
      `${name} is not a login of ${role} to ${host}:${port}, database ${database}, which is what the stack's settings say: run \`up\`, and then this again`,
    );
  }
  return { user: role, password: delivered.password, host, port, database, sslmode };
}

async function parameter({ aws, stack }: StackAccess, slug: string, name: string): Promise<string> {
  const client = new SSMClient(aws);
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return Parameter?.Value ?? "";
  } catch (error) {
    const { name: kind, message } = error as Error;
    if (kind === "ParameterNotFound") throw notThere({ stack }, slug, `SSM has no ${name}`);
    throw new Error(`cannot read ${name} from SSM: ${message || kind}; check the AWS credentials and the region`);
  } finally {
    client.destroy();
  }
}

function parsed(url: string): Omit<ConnectionTarget, "sslmode"> | undefined {
  try {
    const { username, password, hostname, port, pathname } = new URL(url);
    const [user, secret, host, database] = [
      username,
      password,
      hostname.replace(/^\[(.*)\]$/, "$1"),
      pathname.slice(1),
    ].map(decodeURIComponent) as [string, string, string, string];
    return { user, password: secret, host, port: Number(port), database };
  } catch {
    // What the parser complains of has the password in it.
    return undefined;
  }
}

function notThere({ stack }: Pick<StackAccess, "stack">, slug: string, found: string): Error {
  return new Error(
    `there is no tenant ${slug} in stack ${stack} (${found}). A backup is restored into a tenant that exists: ` +
      `put tenants/${slug}.yaml there, run \`up\`, and then this again`,
  );
}
