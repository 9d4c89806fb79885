import { type Client, escapeIdentifier, escapeLiteral } from "pg";

/** The role's comment, with null for none; undefined when there is no such role. Tenants cannot write there. */
export async function commentOf(admin: Client, role: string): Promise<string | null | undefined> {
  const { rows } = await admin.query<{ comment: string | null }>(
    "select shobj_description(oid, 'pg_authid') as comment from pg_roles where rolname = $1",
    [role],
  );
  return rows[0]?.comment;
}

/** The statement that puts a line into the role's comment in the place of the one that fits `pattern`, or takes that out; the rest stays. */
export async function commentWith(admin: Client, role: string, pattern: RegExp, line: string): Promise<string> {
  const own = ((await commentOf(admin, role)) ?? "").replace(new RegExp(`${pattern.source}\\n?`, "m"), "").trim();
  return `comment on role ${escapeIdentifier(role)} is ${escapeLiteral(`${own}\n${line}`.trim())}`;
}
