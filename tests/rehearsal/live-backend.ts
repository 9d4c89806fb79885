import { readFileSync } from "node:fs";
import { setInterval } from "node:timers/promises";
import { Client } from "pg";
import { parseConnectionString } from "../../domain/connection-string";
import { type BootSession, boot, tick } from "../../rehearsal/session/boot";

/** New logins are begun so many milliseconds apart, ten a second. */
const APART_MS = 100;

/** Customers at once: with the session that the backend holds fewer than any tenant's limit here, also where this machine is slow. */
const MOST_AT_ONCE = 4;

/**
 * A tenant's backend, which restarts when its server's script asks for it, and its customers, for each of whom it opens a connection of its
 * own by the `.env` that the server has at that moment.
 */
export class LiveBackend {
  /** Why a customer was turned away, each once. */
  readonly failures: string[] = [];
  /** Who was logged in as, by number of customers. */
  readonly served = new Map<string, number>();
  private readonly stopped = new AbortController();
  private readonly customers: Promise<void>;
  private held: Client | undefined;

  private constructor(
    private readonly session: BootSession,
    private readonly slug: string,
    private readonly envFile: string,
    private restarts: number,
  ) {
    this.customers = this.serve();
  }

  /** Boots the server and starts the backend. */
  static async start(session: BootSession, slug: string): Promise<LiveBackend> {
    const { envFile, systemctl } = await boot(session, slug);
    const backend = new LiveBackend(session, slug, envFile, restartsIn(systemctl));
    await backend.restart();
    return backend;
  }

  /** What the server's timer does; restarts the backend where that asks for it. */
  async tick(): Promise<void> {
    const { systemctl } = await tick(this.session, this.slug);
    const restarts = restartsIn(systemctl);
    if (restarts !== this.restarts) await this.restart();
    this.restarts = restarts;
  }

  /** The login that the `.env` has. */
  get user(): string {
    return this.target().user;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.customers;
    await this.held?.end();
  }

  private async restart(): Promise<void> {
    await this.held?.end();
    this.held = new Client(this.target());
    this.held.on("error", () => {});
    await this.held.connect();
  }

  private async serve(): Promise<void> {
    const open = new Set<Promise<void>>();
    try {
      for await (const _ of setInterval(APART_MS, undefined, { signal: this.stopped.signal })) {
        if (open.size >= MOST_AT_ONCE) continue;
        const customer = this.logIn().finally(() => open.delete(customer));
        open.add(customer);
      }
    } catch (error) {
      if (!this.stopped.signal.aborted) throw error;
    }
    await Promise.all(open);
  }

  private async logIn(): Promise<void> {
    const client = new Client(this.target());
    client.on("error", () => {});
    try {
      await client.connect();
      // What the backend is: the role, whichever login it has, also after what a pooler does between two customers.
      await client.query("discard all");
      const { rows } = await client.query<{ session: string; role: string; path: string }>(
        `select session_user as session, current_user as role, current_schema as path`,
      );
      const [{ session, role, path } = { session: "", role: "", path: "" }] = rows;
      if (role !== `user_${this.slug}` || path !== `schema_${this.slug}`) this.failures.push(`${role} in ${path}`);
      this.served.set(session, (this.served.get(session) ?? 0) + 1);
    } catch (error) {
      this.failures.push(String(error));
    } finally {
      await client.end().catch(() => {});
    }
  }

  private target() {
    const [, url = ""] = /^DATABASE_URL='?([^'\n]*)/m.exec(readFileSync(this.envFile, "utf8")) ?? [];
    const target = parseConnectionString(url);
    if (target === undefined) throw new Error(`no DATABASE_URL in ${this.envFile}`);
    return target;
  }
}

function restartsIn(systemctl: readonly string[]): number {
  return systemctl.filter((call) => call.startsWith("restart ")).length;
}
