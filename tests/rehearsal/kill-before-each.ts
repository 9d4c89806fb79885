import { mock } from "node:test";
import { Client, type Query } from "pg";
import { SEPARATOR } from "../../database/batch";

/** pg's types leave it out. */
type WithProcess = Client & { readonly processID: number };

/** How many statements in a row tell one place of a run from another. */
const SURROUNDINGS = 3;

/** What leaves nothing behind: to die before it, or before what comes next, is the same. */
const WITHOUT_EFFECT = /^(select|set|begin|lock)\b/;

/**
 * Runs `work` again and again, and each time ends its session before a statement that no earlier time was ended before, until one time
 * nothing new is met. What the server has carried out by then stays, as when a process dies: before a statement is after the one before
 * it, whose answer is lost.
 *
 * @param side A session that may end the others.
 * @returns The statements.
 */
export async function killedBeforeEach(side: Client, work: () => Promise<unknown>): Promise<string[]> {
  const killed = new Map<string, string>();
  for (let again = true; again; ) {
    again = await killedAtFirst(side, work, (place, text) => {
      if (killed.has(place)) return false;
      killed.set(place, text);
      return true;
    });
  }
  return [...killed.values()];
}

/** @param isNew Asked before each statement until it says yes. @returns Whether it has. */
async function killedAtFirst(
  side: Client,
  work: () => Promise<unknown>,
  isNew: (place: string, text: string) => boolean,
): Promise<boolean> {
  const query = Client.prototype.query as (...args: unknown[]) => Promise<unknown>;
  const seen: string[] = [];
  let dead = false;
  async function watched(this: WithProcess, ...args: unknown[]) {
    if (this !== side && !dead) {
      const statements = statementsOf(args);
      const at = statements.findIndex((text) => {
        seen.push(JSON.stringify([text, valuesOf(args)]));
        return !WITHOUT_EFFECT.test(text) && isNew(seen.slice(-SURROUNDINGS).join(), text);
      });
      if (at >= 0) {
        dead = true;
        // Of a message with several statements, the server has carried out those before.
        if (at > 0) await query.call(this, statements.slice(0, at).join(SEPARATOR));
        // The server lets go of the socket last.
        const ended = new Promise((resolve) => this.once("end", () => resolve(undefined)));
        await query.call(side, "select pg_terminate_backend($1)", [this.processID]);
        await ended;
      }
    }
    return query.apply(this, args);
  }
  const mocked = mock.method(Client.prototype, "query", watched as unknown as Client["query"]);
  try {
    await work();
  } catch (error) {
    if (!dead) throw error;
  } finally {
    mocked.mock.restore();
  }
  return dead;
}

/** Each of them is sent as a text, or many of them as a batch. */
function statementsOf([sent]: readonly unknown[]): string[] {
  if (typeof sent === "string") return [sent];
  return String((sent as Query & { readonly text: string }).text).split(SEPARATOR);
}

/** Numbers are of a clock too. */
function valuesOf([, values]: readonly unknown[]): unknown[] {
  return Array.isArray(values) ? values.filter((value) => typeof value !== "number") : [];
}
