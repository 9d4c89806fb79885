import { setTimeout } from "node:timers/promises";
import { withAdminConnection } from "../../../database/connection";
import { movedTo } from "../../../database/offboarding/fence";
import { loginNames, roleName } from "../../../domain/names";
import { adminTarget } from "../../stack/admin-target";
import type { DatabaseMove } from "./find-move";

const LOOK_EVERY_MS = 250;

/** When a tenant was shut out of the database that it leaves, and how long until its server had logged in to the other one. */
export interface Arrival {
  readonly since: Date;
  /** Undefined where it was not seen to. */
  readonly seconds: number | undefined;
}

/** Waits, as long as the setting `server.handover` says, until the tenant's server has a session in the target. */
export async function arrivalOf({ slug, source, target }: DatabaseMove): Promise<Arrival> {
  const role = roleName(slug);
  const { since = new Date() } =
    (await withAdminConnection(adminTarget(source.access), (admin) => movedTo(admin, role))) ?? {};
  const deadline = Date.now() + target.access.settings.server.handover;
  for (;;) {
    // A session for each look: the wait may be longer than the network keeps one.
    const isThere = await withAdminConnection(adminTarget(target.access), async (admin) => {
      const text = "select from pg_stat_activity where usename = any ($1) and application_name !~ '^b2b-tenants'";
      return ((await admin.query(text, [loginNames(role)])).rowCount ?? 0) > 0;
    });
    if (isThere) return { since, seconds: (Date.now() - since.getTime()) / 1000 };
    if (Date.now() >= deadline) return { since, seconds: undefined };
    await setTimeout(LOOK_EVERY_MS);
  }
}
