/** Whether the server has room for both logins of one more tenant. */
import type { Client } from "pg";
import { counted } from "../../domain/counted";
import { ROLE_PREFIX } from "../../domain/names";
import { printableList } from "../../domain/printable";
import { Refusal } from "../existing-tenant";
import { handoverIn, type Turn } from "./handover";

/**
 * While a handover is open, a tenant may hold twice the sessions of its limit.
 *
 * @param reserve Connections that no tenant may take.
 * @throws Refusal when the limits of all tenants would come to more than the server has.
 */
export async function refuseWithoutRoom(admin: Client, tenant: string, { role }: Turn, reserve: number): Promise<void> {
  const { rows } = await admin.query<{ name: string; limit: number; comment: string | null; most: number }>(
    `select rolname as name, greatest(rolconnlimit, 0) as limit, shobj_description(oid, 'pg_authid') as comment,
            current_setting('max_connections')::integer as most
       from pg_roles where starts_with(rolname, $1) order by rolname collate "C"`,
    [ROLE_PREFIX],
  );
  const own = rows.find(({ name }) => name === role);
  const open = rows.filter(({ comment }) => handoverIn(comment) !== undefined);
  // What an earlier run has begun has its room.
  if (own === undefined || open.includes(own)) return;
  const limits = [...rows, ...open, own].reduce((sum, { limit }) => sum + limit, 0);
  if (limits + reserve <= own.most) return;
  const others =
    open.length === 0
      ? ""
      : ` The handovers of ${printableList(open.map(({ name }) => name))} are open: let them end first.`;
  throw new Refusal(
    `tenant ${tenant}: its password cannot be rotated now: both of its logins are valid meanwhile, with ` +
      `${counted(own.limit, "connection")} each, and the limits of all tenants plus limits.reserve would come to ` +
      `${limits} + ${reserve} = ${limits + reserve}, ${limits + reserve - own.most} more than the server's max_connections.${others} ` +
      "Rotate fewer tenants at once, or make room in the meantime: a lower database.connectionLimit somewhere, a lower limits.reserve, or a bigger server",
  );
}
