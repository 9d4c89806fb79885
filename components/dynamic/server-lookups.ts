import type { Client } from "pg";
import { withAdminConnection } from "../../database/connection";
import { Refusal } from "../../database/existing-tenant";
import { fencedRoles } from "../../database/offboarding/fence";
import { refuseServer } from "../../database/refuse-server";
import type { ConnectionTarget } from "../../domain/connection-string";

/** A preview must not wait long for a server that it can do without. */
const PREVIEW_CONNECT_TIMEOUT_MS = 3_000;

/** Of a server that the admin can log in to. */
export interface ServerLook {
  /** Why no tenant can be there, if it is so. */
  readonly refusal: string | undefined;
}

/** What a deployment asks each server once for all of its tenants: a fleet's preview must not wait for a dead server once a tenant. */
export class ServerLookups {
  private readonly looks = new Map<string, Promise<ServerLook | undefined>>();
  private readonly fenced = new Map<string, Promise<ReadonlyMap<string, string>>>();

  /** What the admin sees when it logs in; undefined when it cannot. */
  look(admin: ConnectionTarget): Promise<ServerLook | undefined> {
    const patience = { connectTimeout: PREVIEW_CONNECT_TIMEOUT_MS };
    return once(this.looks, admin, () => withAdminConnection(admin, lookAt, patience).catch(() => undefined));
  }

  /** Whoever refuses a server calls this: it may be put right before the next look. */
  forgetLooks(): void {
    this.looks.clear();
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

async function lookAt(admin: Client): Promise<ServerLook> {
  try {
    await refuseServer(admin);
    return { refusal: undefined };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error.message };
    throw error;
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
