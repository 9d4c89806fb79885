import type { Client } from "pg";
import type { ConnectionTarget } from "../../domain/connection-string";

/**
 * Makes a database that nothing else uses on the admin's server, for `work` to restore a copy of the tenant's schema into, and
 * drops it afterwards, whatever happens; what an earlier run left of it is dropped first.
 *
 * `work` gets the login of a role that owns the database and has no rights elsewhere: a restore runs the tenant's own code
 * (checks, index expressions, column defaults), which must run with no rights that matter.
 *
 * @param admin A session of the admin.
 * @param slug Names the database and its role: `verify_<slug>`.
 */
export declare function withScratchDatabase<T>(
  admin: Client,
  server: Pick<ConnectionTarget, "host" | "port" | "database" | "sslmode">,
  slug: string,
  work: (owner: ConnectionTarget) => Promise<T>,
): Promise<T>;
