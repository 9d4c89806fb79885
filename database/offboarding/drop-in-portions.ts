import { type Client, escapeIdentifier } from "pg";
import { join, leaving } from "../membership";
import { alterKeyword, type Identified } from "../object-identity";
import { withTransaction } from "../transaction";
import { type Droppable, portions, roomForLocks } from "./portions";

/** At most what a view, a type or a routine has with it that is locked too, with some to spare. */
const LOCKS_EACH = 10;

/** What is dropped by one statement. */
export interface DropStatement extends Droppable {
  readonly statement: string;
}

/** @param objects The oldest first. What was made last uses what was made before, and so is dropped before it. */
export function dropStatements(objects: readonly Identified[]): DropStatement[] {
  return [...objects].reverse().map(({ type, identity }) => ({
    locks: LOCKS_EACH,
    statement: `drop ${alterKeyword(type)} if exists ${identity} cascade`,
  }));
}

/** Drops things in their order, so many in a transaction as the server has room for the locks of. */
export async function dropInPortions(admin: Client, role: string, droppable: readonly DropStatement[]): Promise<void> {
  for (const part of portions(droppable, await roomForLocks(admin))) {
    await asOwner(admin, role, async () => {
      for (const { statement } of part) await admin.query(statement);
    });
  }
}

/** In one transaction, in which the admin has the rights of the role. */
export function asOwner<T>(admin: Client, role: string, work: () => Promise<T>): Promise<T> {
  return withTransaction(admin, async () => {
    await join(admin, role);
    const result = await work();
    await admin.query(leaving(escapeIdentifier(role)));
    return result;
  });
}
