// The stack's configuration, where the pack has it: the language host puts it into the environment, as it does for the program, secrets
// in clear. Structured values are JSON texts.

/** The setting `b2b-tenants:database`; empty where there is none. */
export function databaseSetting(): Readonly<Record<string, unknown>> {
  return objectIn(stackConfig()["b2b-tenants:database"]);
}

/** PostgreSQL's port, which counts where a setting or a URL names none. */
export const DEFAULT_PORT = 5432;

/** The port of the tenants' database. */
export function databasePort(): unknown {
  return databaseSetting().port ?? DEFAULT_PORT;
}

/** The setting `b2b-tenants:environment`. What stands in its place where there is none is in no name, so everything named after it is refused. */
export function environmentSetting(): string {
  const environment = stackConfig()["b2b-tenants:environment"];
  return isText(environment) ? environment : "(no setting b2b-tenants:environment)";
}

/** The setting `b2b-tenants:network.databaseSecurityGroupId`, where it is known. */
export function databaseGroupSetting(): string | undefined {
  const { databaseSecurityGroupId } = objectIn(stackConfig()["b2b-tenants:network"]);
  return isText(databaseSecurityGroupId) ? databaseSecurityGroupId : undefined;
}

/** Name of the admin's role, where it is known. */
export function adminName(): string | undefined {
  const { adminUser } = databaseSetting();
  return isText(adminUser) ? adminUser : undefined;
}

/** Whether a text is or holds the admin's password. A short one, or a mere word, also occurs in host names: it counts only alone. */
export function holdsAdminPassword(text: string): boolean {
  const passwords = [stackConfig()["b2b-tenants:adminPassword"], process.env.PGPASSWORD].filter(isText);
  const isMereWord = (password: string) => password.length < 8 || /^[a-z]{1,15}$/i.test(password);
  return passwords.some((password) => text === password || (!isMereWord(password) && text.includes(password)));
}

function stackConfig(): Readonly<Record<string, unknown>> {
  return objectIn(process.env.PULUMI_CONFIG);
}

/** Anything but a JSON object counts as one without properties: the program's own check of its settings reports it. */
function objectIn(json: unknown): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(String(json));
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
