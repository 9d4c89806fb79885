/** Shuts a tenant out and lets it in again. A line in its role's comment says that it is fenced. */
import { type Client, escapeIdentifier } from "pg";
import { printable } from "../../domain/printable";
import { joining, leaving } from "../membership";
import { commentOf, commentWith } from "../role-comment";
import { loginsOf } from "../rotation/tenant-logins";
import { majorOf } from "../server-version";
import { LOCK_NOT_AVAILABLE, runInOneMessage } from "../transaction";

/** The line that a fence leaves in its role's comment, where `\du+` shows it. Tenants cannot write there. */
const MARKER =
  /^b2b-tenants: fenced since (\S+), (?:for its (?:removal|move)|and may be dropped \((?<proof>[^)]+)\)); `up` lets it in again$/m;

/** The line of a tenant that lives on another database server since: no `up` lets it in here again. */
const MOVED = /^b2b-tenants: shut out since (?<since>\S+): moved to stack (?<to>\S+)$/m;

/** In the place of a proof, for a tenant that is removed without a backup. */
export const WITHOUT_BACKUP = "without a backup";

const SESSION_END_MS = 5_000;
const ATTEMPTS = 6;

/** How often a fence is tried to be raised. */
const CHANGES = 3;

/**
 * Shuts a tenant out: no new logins, and its sessions ended, so that what it does not write from here on cannot be lost. The admin
 * becomes a member of its role, and may read what it owns. Does no harm where the fence is up already.
 *
 * @throws Error when a session does not end; the fence is up nevertheless.
 */
export async function raiseFence(
  admin: Client,
  role: string,
  since: Date,
  purpose: "removal" | "move" = "removal",
): Promise<void> {
  const [name, ...others] = await quotedLogins(admin, role);
  const comment = await commentWith(admin, role, MARKER, markerOf(since.toISOString(), `for its ${purpose}`));
  const fence = [
    "set local lock_timeout = '3s'",
    joining(await majorOf(admin), [name, ...others].join(", ")),
    ...[name, ...others].map((login) => `alter role ${login} nologin`),
    comment,
  ];
  await inSpiteOf(admin, role, () => runInOneMessage(admin, fence));
  await endSessions(admin, role);
  // A session that has given up acting as the role owns what it makes: from here on all of it is the role's.
  if (others.length > 0) await admin.query(`reassign owned by ${others.join(", ")} to ${name}`);
}

/** A login may change its own role, and keep the change open: then its sessions end first. */
async function inSpiteOf(admin: Client, role: string, work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const refused = await work().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refused === undefined) return;
    if ((refused as { code?: string }).code !== LOCK_NOT_AVAILABLE) throw refused;
    if (attempt === CHANGES) {
      throw new Error(
        `${printable(role)} is being changed by an open transaction, which is not its own: let it finish, or end it ` +
          "(select pid, usename, query from pg_stat_activity where backend_xid is not null)",
      );
    }
    await endSessions(admin, role);
  }
}

/** The role first. */
async function quotedLogins(admin: Client, role: string): Promise<[string, ...string[]]> {
  const others = (await loginsOf(admin, role)).filter((login) => login !== role);
  return [escapeIdentifier(role), ...others.map(escapeIdentifier)];
}

/**
 * Says in the fence that whatever the tenant has may be dropped. The admin stops being a member of its role.
 *
 * @param proof Stands for what the proved backup holds, or `WITHOUT_BACKUP`.
 */
export async function markDroppable(admin: Client, role: string, since: Date, proof: string): Promise<void> {
  await runInOneMessage(admin, [
    await commentWith(admin, role, MARKER, markerOf(since.toISOString(), droppable(proof))),
    leaving((await quotedLogins(admin, role)).join(", ")),
  ]);
}

/** Lets a tenant in again, and takes the admin's membership back. Does no harm where there is no fence, or no role. */
export async function liftFence(admin: Client, role: string): Promise<void> {
  const comment = await commentOf(admin, role);
  if (comment === undefined) return;
  const logins = await quotedLogins(admin, role);
  const letIn = MOVED.test(comment ?? "") ? [] : logins.map((login) => `alter role ${login} login`);
  const lifted = [...letIn, await commentWith(admin, role, MARKER, "")];
  await runInOneMessage(admin, [
    // A role without the mark was locked by somebody else, for reasons of theirs.
    ...(MARKER.test(comment ?? "") ? lifted : []),
    leaving(logins.join(", ")),
  ]);
}

/** Says in the place of the fence that the tenant lives in another stack from now on, and leaves it shut out, for good. */
export async function markMoved(admin: Client, role: string, since: Date, to: string): Promise<void> {
  const line = `b2b-tenants: shut out since ${since.toISOString()}: moved to stack ${to}`;
  const [fenced, logins] = [await commentWith(admin, role, MARKER, line), await quotedLogins(admin, role)];
  await runInOneMessage(admin, [fenced, leaving(logins.join(", "))]);
}

/** Lets a tenant in again whose move is taken back, also one that {@link markMoved} has shut out for good. */
export async function liftMoved(admin: Client, role: string): Promise<void> {
  if ((await movedTo(admin, role)) !== undefined) {
    await admin.query(await commentWith(admin, role, MOVED, markerOf(new Date().toISOString(), "for its move")));
  }
  await liftFence(admin, role);
}

/** Where a tenant has moved to, and since when it is shut out here; undefined where it has not. */
export async function movedTo(admin: Client, role: string): Promise<{ to: string; since: Date } | undefined> {
  const { to, since } = MOVED.exec((await commentOf(admin, role)) ?? "")?.groups ?? {};
  return to === undefined || since === undefined ? undefined : { to, since: new Date(since) };
}

/** The roles that a fence shuts out, with the time it was raised, ISO 8601. */
export async function fencedRoles(admin: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await admin.query<{ role: string; comment: string }>(
    `select rolname as role, shobj_description(oid, 'pg_authid') as comment from pg_roles
      where not rolcanlogin and shobj_description(oid, 'pg_authid') is not null`,
  );
  return new Map(
    rows.flatMap(({ role, comment }) => {
      const since = fencedSince(comment);
      return since === undefined ? [] : [[role, since] as const];
    }),
  );
}

/** When the fence was raised that a role's comment tells of, ISO 8601; it shuts out a role that cannot log in. */
export function fencedSince(comment: string): string | undefined {
  return MARKER.exec(comment)?.[1];
}

/** The proof that a role's fence was marked with; undefined when it is not shut out, or what it has may not be dropped. */
export async function droppableFor(admin: Client, role: string): Promise<string | undefined> {
  if (!(await fencedRoles(admin)).has(role)) return undefined;
  return MARKER.exec((await commentOf(admin, role)) ?? "")?.groups?.proof;
}

/** Puts another proof in the place of the one that a role's fence was marked with, when some of what it stood for is dropped. */
export async function changeProof(admin: Client, role: string, proof: string): Promise<void> {
  const since = fencedSince((await commentOf(admin, role)) ?? "");
  if (since !== undefined) await admin.query(await commentWith(admin, role, MARKER, markerOf(since, droppable(proof))));
}

function droppable(proof: string): string {
  return `and may be dropped (${proof})`;
}

function markerOf(since: string, state: string): string {
  return `b2b-tenants: fenced since ${since}, ${state}; \`up\` lets it in again`;
}

/** Ends the sessions that these logins have now. @returns How many there were. */
export async function terminateSessions(admin: Client, logins: readonly string[]): Promise<number> {
  const { rowCount } = await admin.query(
    "select pg_terminate_backend(pid, $2) from pg_stat_activity where usename = any ($1) and pid <> pg_backend_pid()",
    [logins, SESSION_END_MS],
  );
  return rowCount ?? 0;
}

/**
 * Ends the sessions of a role's logins, until none is found. A login that was let through just before the fence was raised shows itself only
 * later, so this is called again before each step that counts on it.
 *
 * @throws Error when a session does not end.
 */
export async function endSessions(admin: Client, role: string): Promise<void> {
  const logins = await loginsOf(admin, role);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if ((await terminateSessions(admin, logins)) === 0) return;
  }
  const asked = "select pid from pg_stat_activity where usename = any ($1)";
  const { rows } = await admin.query<{ pid: number }>(asked, [logins]);
  const pids = rows.map(({ pid }) => pid).join(", ");
  throw new Error(`sessions of ${printable(role)} do not end (process ${pids}): the server's log may say why`);
}
