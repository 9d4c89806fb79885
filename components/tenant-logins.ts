import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { loginInUse, passwordGenerations } from "../domain/login-turns";
import { roleName, schemaName, secondLoginName } from "../domain/names";

export interface TenantLoginsArgs {
  readonly slug: string;
  readonly connectionLimit: number;
  readonly statementTimeout: number;
  readonly idleInTransactionTimeout: number;
  readonly passwordRotation: number;
  readonly adopt: boolean;
}

/** The two logins of a tenant, which take turns: each rotation gives the one that is not in use a new password. */
export interface TenantLogins {
  /** Owns everything of the tenant's; a login too. */
  readonly role: postgresql.Role;
  /** The login that the tenant's server is given. */
  readonly user: string;
  readonly password: pulumi.Output<string>;
  /** What has to be there before somebody logs in so. */
  readonly needed: readonly postgresql.Role[];
}

/** Declares a tenant's logins as children of `parent`. The second one is made by the first rotation. */
export function createLogins(parent: pulumi.Resource, args: TenantLoginsArgs, guard: pulumi.Resource): TenantLogins {
  const { slug, passwordRotation } = args;
  const { first, second } = passwordGenerations(passwordRotation);
  const firstPassword = createPassword(parent, `${slug}-password`, first, guard);
  const role = createRole(parent, args, firstPassword, guard);
  const user = loginInUse(slug, passwordRotation);
  if (second === undefined) return { role, user, password: firstPassword, needed: [] };
  const secondPassword = createPassword(parent, `${slug}-second-password`, second, guard);
  const login = createSecondLogin(parent, args, secondPassword, role);
  return { role, user, password: user === roleName(slug) ? firstPassword : secondPassword, needed: [login] };
}

/** A rotation that the guard refuses changes no password: put back, it would leave another one than the server has. */
function createPassword(
  parent: pulumi.Resource,
  name: string,
  generation: number,
  guard: pulumi.Resource,
): pulumi.Output<string> {
  const generated = new random.RandomPassword(
    name,
    // No special characters: the provider stores a password with a backslash wrongly. 62^32 is more than 190 bits.
    { length: 32, special: false, keepers: { rotation: String(generation) } },
    { parent, dependsOn: [guard] },
  );
  return pulumi.secret(generated.result);
}

/** What both logins have alike: neither may do more than the other, or for longer. */
function commonArgs(args: TenantLoginsArgs, password: pulumi.Output<string>) {
  return {
    login: true,
    password,
    // The backend names its tables without a schema.
    searchPaths: [schemaName(args.slug)],
    connectionLimit: args.connectionLimit,
    statementTimeout: args.statementTimeout,
    idleInTransactionSessionTimeout: args.idleInTransactionTimeout,
    // By default the provider gives what a removed role still owns to the admin. A function of the tenant's in another
    // tenant's schema, made `security definer`, would run as the admin from then on. So the removal fails instead.
    skipReassignOwned: true,
  };
}

/** The end of a rotation ends a login's validity, and the next one begins it again: no `up` in between may (see `LoginHandover`). */
function keptValidity({ passwordRotation }: TenantLoginsArgs) {
  return passwordRotation === 1 ? {} : { ignoreChanges: ["validUntil"] };
}

function createRole(
  parent: pulumi.Resource,
  args: TenantLoginsArgs,
  password: pulumi.Output<string>,
  guard: pulumi.Resource,
) {
  const name = roleName(args.slug);
  return new postgresql.Role(
    `${args.slug}-role`,
    { name, ...commonArgs(args, password) },
    { parent, dependsOn: [guard], ...keptValidity(args), ...(args.adopt ? { import: name } : {}) },
  );
}

/** Acts as the role in every session, whatever a pooler resets, so that all that it makes belongs to the role. */
function createSecondLogin(
  parent: pulumi.Resource,
  args: TenantLoginsArgs,
  password: pulumi.Output<string>,
  role: postgresql.Role,
) {
  return new postgresql.Role(
    `${args.slug}-second-login`,
    {
      name: secondLoginName(args.slug),
      ...commonArgs(args, password),
      roles: [role.name],
      assumeRole: role.name,
    },
    { parent, ...keptValidity(args) },
  );
}
