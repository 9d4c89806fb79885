import type { ConnectionTarget } from "../../domain/connection-string";
import type { StackAccess } from "./stack-access";

/** The admin's login to the tenants' database. */
export function adminTarget({ settings, adminPassword }: StackAccess): ConnectionTarget {
  const { host, port, name, adminUser, sslmode } = settings.database;
  return { host, port, database: name, sslmode, user: adminUser, password: adminPassword };
}
