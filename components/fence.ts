import { type Client, escapeIdentifier, escapeLiteral } from "pg";
import { printable } from "../domain/printable";

/** The line that a fence leaves in its role's comment, where `\du+` shows it. Tenants cannot write there. */
const MARKER = /^b2b-tenants: fenced since (\S+), for its removal; `up` lets it in again$/m;

const SESSION_END_MS = 5_000;
const ATTEMPTS = 6;

/**
 * Shuts a tenant out: no new logins, and its sessions ended, so that what it does not write from here on cannot be lost. Does no
 * harm where the fence is up already.
 *
 * @throws Error when a session does not end; the fence is up nevertheless.
 */
export async function raiseFence(admin: Client, role: string, since: Date): Promise<void> {
  const comment = (await commentOf(admin, role)) ?? "";
  const marker = `b2b-tenants: fenced since ${since.toISOString()}, for its removal; \`up\` lets it in again`;
  await inOneTransaction(admin, [
    `alter role ${escapeIdentifier(role)} nologin`,
    commentStatement(role, MARKER.test(comment) ? comment : `${comment}\n${marker}`.trim()),
  ]);
  await endSessions(admin, role);
}

/** Lets a tenant in again. Does no harm where there is no fence, and no role. */
export async function liftFence(admin: Client, role: string): Promise<void> {
  const comment = await commentOf(admin, role);
  if (comment === undefined) return;
  await inOneTransaction(admin, [
    `alter role ${escapeIdentifier(role)} login`,
    commentStatement(role, (comment ?? "").replace(MARKER, "").trim()),
  ]);
}

/** The roles that a fence shuts out, with the time it was raised, ISO 8601. A role that people have locked by hand is none. */
export async function fencedRoles(admin: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await admin.query<{ role: string; comment: string }>(
    `select rolname as role, shobj_description(oid, 'pg_authid') as comment from pg_roles
      where not rolcanlogin and shobj_description(oid, 'pg_authid') is not null`,
  );
  return new Map(
    rows.flatMap(({ role, comment }) => {
      const since = MARKER.exec(comment)?.[1];
      return since === undefined ? [] : [[role, since] as const];
    }),
  );
}

/** The role's comment, with null for none; undefined when there is no such role. */
async function commentOf(admin: Client, role: string): Promise<string | null | undefined> {
  const { rows } = await admin.query<{ comment: string | null }>(
    "select shobj_description(oid, 'pg_authid') as comment from pg_roles where rolname = $1",
    [role],
  );
  return rows[0]?.comment;
}

/** An empty comment is none. */
function commentStatement(role: string, comment: string): string {
  return `comment on role ${escapeIdentifier(role)} is ${escapeLiteral(comment)}`;
}

/** A login that began just before the fence was raised may appear just after it: looked for until there is none. */
async function endSessions(admin: Client, role: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { rowCount } = await admin.query(
      "select pg_terminate_backend(pid, $2) from pg_stat_activity where usename = $1 and pid <> pg_backend_pid()",
      [role, SESSION_END_MS],
    );
    if (rowCount === 0) return;
  }
  const { rows } = await admin.query<{ pid: number }>("select pid from pg_stat_activity where usename = $1", [role]);
  const pids = rows.map(({ pid }) => pid).join(", ");
  throw new Error(`sessions of ${printable(role)} do not end (process ${pids}): the server's log may tell why`);
}

async function inOneTransaction(client: Client, statements: readonly string[]): Promise<void> {
  // One message without parameters is one transaction.
  await client.query(statements.join("; "));
}
