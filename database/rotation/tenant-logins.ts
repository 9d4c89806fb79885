import type { Client } from "pg";
import { loginNames } from "../../domain/names";

/** The logins that a tenant's role has on the server: itself, and the second login where a rotation has made one. */
export async function loginsOf(admin: Client, role: string): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    "select rolname as name from pg_roles where rolname = any ($1) order by rolname <> $2",
    [loginNames(role), role],
  );
  return rows.map(({ name }) => name);
}
