import { withAdminConnection } from "../../database/connection";
import { fencedRoles } from "../../database/offboarding/fence";
import type { ConnectionTarget } from "../../domain/connection-string";

/** A preview must not wait long for a server that it can do without. */
const PREVIEW_CONNECT_TIMEOUT_MS = 3_000;

/** What a deployment asks each server once for all of its tenants: a fleet's preview must not wait for a dead server once a tenant. */
export class ServerLookups {
  private readonly answering = new Map<string, Promise<boolean>>();
  private readonly fenced = new Map<string, Promise<ReadonlyMap<string, string>>>();

  /** Whether the admin can log in. */
  answers(admin: ConnectionTarget): Promise<boolean> {
    const logIn = () =>
      withAdminConnection(admin, async () => true, { connectTimeout: PREVIEW_CONNECT_TIMEOUT_MS }).catch(() => false);
    return once(this.answering, admin, logIn);
  }

  /** The roles that are fenced on the server; none where that cannot be told, for example in a preview without a way there. */
  fencedRoles(admin: ConnectionTarget): Promise<ReadonlyMap<string, string>> {
    return once(this.fenced, admin, () => withAdminConnection(admin, fencedRoles).catch(() => new Map()));
  }

  /** Whoever raises or lifts a fence calls this. */
  forgetFences(): void {
    this.fenced.clear();
  }
}

/** Of the process that runs a deployment's dynamic resources: the SDK has no other place that outlives a single call. */
export const lookups = new ServerLookups();

function once<T>(
  answers: Map<string, Promise<T>>,
  { host, port, database, sslmode, user, password }: ConnectionTarget,
  ask: () => Promise<T>,
): Promise<T> {
  const key = JSON.stringify([host, port, database, sslmode, user, password]);
  const answer = answers.get(key) ?? ask();
  answers.set(key, answer);
  return answer;
}
