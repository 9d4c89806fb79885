import pRetry from "p-retry";
import type { ConnectionTarget } from "../../domain/connection-string";
import { withAdminConnection } from "../connection";
import { liftFence } from "./fence";

/** Waits a minute for a server that restarts. */
const RETRIES = { retries: 29, minTimeout: 2_000, factor: 1 };

/**
 * Lets a tenant in again whose removal or move has failed, in a session of its own: that of the work may have broken.
 *
 * @param admin The admin's login to the tenant's database.
 * @throws ConnectionRefused when the server stays out of reach; the tenant is fenced then.
 */
export function liftAfterFailure(admin: ConnectionTarget, role: string): Promise<void> {
  return pRetry(() => withAdminConnection(admin, (session) => liftFence(session, role)), RETRIES);
}
