import { adminLogin, indexOfPassword } from "../reading/admin-login";
import { loginsIn, namesUser } from "../reading/logins";
import { keyOf, ofEachText, PARAMETER } from "../reading/parameter";
import { shown } from "../reading/shown";
import { roleOf } from "../reading/tenant-names";
import { type Checked, resourcePolicy } from "../resource-policy";

/** Of a parameter outside of any tenant its name tells whose server would read it. */
function tenantOf({ tenant, props }: Checked): string | undefined {
  return tenant ?? /^\/?b2b-tenants\/[^/]+\/([^/]+)/i.exec(String(props.name))?.[1];
}

/** No message has anything of the text: a password may stand where a user is expected. */
function namesOwnUserAlone(text: string, parameter: Checked): string[] {
  const tenant = tenantOf(parameter);
  if (tenant === undefined) return [];
  const logins = loginsIn(text);
  const users = [text, ...logins.filter(({ kind }) => kind === "user").map((login) => login.text)];
  const admin = adminLogin();
  if (users.some((user) => isAdmin(user, admin.name))) {
    return [`It names the admin's login, which no tenant may know. Name ${shown(roleOf(tenant))}.`];
  }
  if (users.slice(1).some((user) => user !== roleOf(tenant))) {
    return [`It holds a login that is not the tenant's. Every login in it has to be that of ${shown(roleOf(tenant))}.`];
  }
  return logins.some(({ kind }) => kind === "unclear")
    ? ["It holds a URL of which nobody can tell who logs in. Percent-encode the user and the password in it."]
    : [];
}

/** The key may be unknown where the text is not. */
function holdsUserWhereKeySaysSo(text: string, parameter: Checked): string[] {
  const tenant = tenantOf(parameter);
  if (tenant === undefined || !namesUser(keyOf(parameter.props)) || text === roleOf(tenant)) return [];
  return [
    `Its key ${shown(keyOf(parameter.props))} is a user's, and it is not the tenant's. Let it be ${shown(roleOf(tenant))}.`,
  ];
}

function holdsNoAdminPassword(text: string, parameter: Checked): string[] {
  if (tenantOf(parameter) === undefined) return [];
  const texts = [text, ...loginsIn(text).map((login) => login.text)];
  return adminLogin().passwords.some((password) => texts.some((one) => indexOfPassword(one, password) >= 0))
    ? ["It holds the admin's password, which no tenant may know. Give it the tenant's own, and the admin another."]
    : [];
}

function isAdmin(user: string, admin: string | undefined): boolean {
  return admin !== undefined && user.replace(/^[\s"']+|[\s"']+$/g, "").toLowerCase() === admin.toLowerCase();
}

export const tenantEnvNamesNoAdmin = resourcePolicy(
  "tenant-env-names-no-admin",
  "A tenant's environment names its own database user, and never the admin's login.",
  {
    [PARAMETER]: [namesOwnUserAlone, holdsUserWhereKeySaysSo, holdsNoAdminPassword].flatMap((check) =>
      ofEachText(check),
    ),
  },
);
