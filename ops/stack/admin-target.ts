import { adminLogin, type ConnectionTarget } from "../../domain/connection-string";
import type { StackAccess } from "./stack-access";

/** The admin's login to the tenants' database. */
export function adminTarget({ settings, adminPassword }: StackAccess): ConnectionTarget {
  return adminLogin(settings.database, adminPassword);
}
