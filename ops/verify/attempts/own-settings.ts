import type { Client } from "pg";
import type { TenantPlace } from "../leak";

/**
 * Takes back what is set for the role, the database or everybody, as far as the session may: a tenant sets what it likes for its own
 * role, and some settings make statements fail or answers differ. What the client asked for at the session's start stays. The view
 * `pg_settings` is passed by: everybody may lock it, and so hold up whoever reads it.
 *
 * @throws Error when the session is not the tenant's.
 */
export async function takeBackOwnSettings(client: Client, { role }: TenantPlace): Promise<void> {
  await client.query(
    `select set_config(name, boot_val, false) from pg_show_all_settings()
      where context = 'user' and source in ('global', 'database', 'user', 'database user')`,
  );
  // An attempt gives up long before a neighbour's statement that waits behind it does.
  await client.query("set lock_timeout = '1s'");
  const { rows } = await client.query<{ session: string; current: string }>(
    "select session_user as session, current_user as current",
  );
  const [{ session, current } = { session: "", current: "" }] = rows;
  if (session !== role || current !== role) throw new Error(`the session is ${session}'s, acting as ${current}`);
}
