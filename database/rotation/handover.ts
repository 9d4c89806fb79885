/**
 * The time in which both logins of a tenant are valid: from the moment that one is given a new password until the tenant's server uses it. A
 * line in the comment of the tenant's role says so, and outlives a run that dies.
 */
import { type Client, escapeIdentifier } from "pg";
import { loginInUse, previousLogin } from "../../domain/login-turns";
import { roleName } from "../../domain/names";
import { Refusal } from "../existing-tenant";
import { terminateSessions } from "../offboarding/fence";
import { commentOf, commentWith } from "../role-comment";
import { runInOneMessage } from "../transaction";

const MARKER = /^b2b-tenants: (?<login>\S+) takes over since (?<since>\S+); until then (?<previous>\S+) stays valid$/m;

/** A login that takes over, and the one that is in use until it has. */
export interface Turn {
  /** The tenant's role, which both act as. */
  readonly role: string;
  readonly login: string;
  readonly previous: string;
}

/** Of the rotation to a generation of the tenant's password. */
export function turnOf(slug: string, generation: number): Turn {
  return { role: roleName(slug), login: loginInUse(slug, generation), previous: previousLogin(slug, generation) };
}

/**
 * Why the password of a tenant cannot be of that generation next. The next one leaves the login in use alone; one further on would change
 * that login's password, and one back may find it without any.
 */
export function leapOf(tenant: string, from: number, to: number): string | undefined {
  if (to === from || to === from + 1) return undefined;
  return (
    `tenant ${tenant}: rotation.password is ${from}, and may become ${from + 1}, got ${to}: its two logins take turns, so another number ` +
    "would change the password that its server uses, or take it away"
  );
}

/** A handover that has begun and not ended. */
export interface Handover {
  readonly login: string;
  readonly previous: string;
  /** ISO 8601. */
  readonly since: string;
}

/** The handover that the comment of a tenant's role tells of. */
export function handoverIn(comment: string | null | undefined): Handover | undefined {
  const { login, previous, since } = MARKER.exec(comment ?? "")?.groups ?? {};
  return login === undefined || previous === undefined || since === undefined ? undefined : { login, previous, since };
}

export async function handoverOf(admin: Client, role: string): Promise<Handover | undefined> {
  return handoverIn(await commentOf(admin, role));
}

/**
 * @throws Refusal while an earlier handover is under way: the login that would be changed is the one that the server may still use.
 */
export async function refuseUnfinished(admin: Client, tenant: string, { role, login }: Turn): Promise<void> {
  const under = await handoverOf(admin, role);
  if (under === undefined || under.login === login) return;
  throw new Refusal(
    `tenant ${tenant}: the last rotation of its password has not ended: its server has not been seen to use ${under.login}, so it may ` +
      `still use ${under.previous}, whose password would change now. Put rotation.password back by one, see that the server runs and ` +
      "reads its parameters, and run `up`, which ends that rotation; then raise it again",
  );
}

/** Before the login that takes over gets its password: that can be used from then on. Does no harm where it has begun already. */
export async function beginHandover(admin: Client, { role, login, previous }: Turn, since: Date): Promise<void> {
  if ((await handoverOf(admin, role))?.login === login) return;
  const line = `b2b-tenants: ${login} takes over since ${since.toISOString()}; until then ${previous} stays valid`;
  const isThere = (await commentOf(admin, login)) !== undefined;
  await runInOneMessage(admin, [
    // Nobody knows a password of it: the last one went with its validity.
    ...(isThere ? [`alter role ${escapeIdentifier(login)} valid until 'infinity'`] : []),
    await commentWith(admin, role, MARKER, line),
  ]);
}

/**
 * Ends what the other login is good for. Its password goes, and since a tenant may set one for its own role, no password is valid for it
 * from then on. What is still open by it is no server's backend, and ends too, whatever it calls itself.
 */
export async function endHandover(admin: Client, { role, previous }: Turn): Promise<void> {
  const isThere = (await commentOf(admin, previous)) !== undefined;
  await runInOneMessage(admin, [
    ...(isThere ? [`alter role ${escapeIdentifier(previous)} password null valid until '-infinity'`] : []),
    await commentWith(admin, role, MARKER, ""),
  ]);
  await terminateSessions(admin, [previous]);
}

/** Who is logged in by either login, apart from this program. */
export interface LoginUse {
  readonly sessions: number;
  readonly previousSessions: number;
}

/** What a server's backend shows of the login that it uses: its sessions. Those that the admin may not see into do not count. */
export async function loginUse(admin: Client, { login, previous }: Turn): Promise<LoginUse> {
  const { rows } = await admin.query<{ name: string; sessions: number }>(
    `select usename as name, count(*)::integer as sessions from pg_stat_activity
      where usename = any ($1) and application_name !~ '^b2b-tenants' group by usename`,
    [[login, previous]],
  );
  const of = (name: string) => rows.find((row) => row.name === name)?.sessions ?? 0;
  return { sessions: of(login), previousSessions: of(previous) };
}

/**
 * What the backend of a tenant's server shows: it uses the new login alone, holds sessions of the old one besides, uses the old one, or has
 * none, so that nobody knows.
 */
export type HandoverStanding = "changedOver" | "holdsOld" | "usesOld" | "unseen";

export function standingOf(use: LoginUse): HandoverStanding {
  if (isTakenOver(use)) return "changedOver";
  if (use.sessions > 0) return "holdsOld";
  return use.previousSessions > 0 ? "usesOld" : "unseen";
}

/** Whether the server has changed over: it has logged in by the new login, and holds no session of the other. */
export function isTakenOver({ sessions, previousSessions }: LoginUse): boolean {
  return sessions > 0 && previousSessions === 0;
}
