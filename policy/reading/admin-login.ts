import { databaseSetting, stackConfig } from "./stack-config";

/** What may not occur in a tenant's environment or on its server. */
export interface AdminLogin {
  readonly name: string | undefined;
  readonly passwords: readonly string[];
}

/** The admin's login, where the stack's configuration is at hand. */
export function adminLogin(environment: Readonly<Record<string, string | undefined>> = process.env): AdminLogin {
  const { adminUser } = databaseSetting(environment);
  const passwords = [stackConfig(environment)["b2b-tenants:adminPassword"], environment.PGPASSWORD];
  return { name: isText(adminUser) ? adminUser : undefined, passwords: passwords.filter(isText) };
}

/** Where in a text the password begins, as it is or escaped for a URL or for JSON; -1 if it is not there. */
export function indexOfPassword(text: string, password: string): number {
  if (text === password) return 0;
  // A password that is a mere word is also in texts that are no secret, as `postgres` is in a host's name.
  if (password.length < 8 || /^[a-z]{1,15}$/i.test(password)) return -1;
  const forms = [password, encodeURIComponent(wellFormed(password)), JSON.stringify(password).slice(1, -1)];
  const found = forms.map((form) => text.indexOf(form)).filter((index) => index >= 0);
  return found.length > 0 ? Math.min(...found) : -1;
}

/** Half a surrogate pair cannot be percent-encoded, but JSON can hold it. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
