import { type Client, escapeIdentifier } from "pg";
import { alterKeyword } from "../object-identity";
import { objectsIn } from "../schema-objects";
import { asOwner, tablesToDrop } from "./drop-tables";
import { portions, roomForLocks } from "./portions";

/** At most what a view, a type or a routine has with it that is locked too, with some to spare. */
const LOCKS_EACH = 10;

/**
 * Drops all that is in a schema, some at a time, where the server has no room for the locks of dropping it together with the schema, which
 * is what comes next. Elsewhere it does nothing.
 */
export async function dropRest(admin: Client, schema: string, role: string): Promise<void> {
  const home = escapeIdentifier(schema);
  const tables = await tablesToDrop(admin, schema);
  const objects = await objectsIn(admin, schema);
  const droppable = [
    ...tables.map(({ name, locks }) => ({
      locks,
      statement: `drop table if exists ${home}.${escapeIdentifier(name)} cascade`,
    })),
    // What was made last uses what was made before.
    ...objects.reverse().map(({ type, identity }) => ({
      locks: LOCKS_EACH,
      statement: `drop ${alterKeyword(type)} if exists ${identity} cascade`,
    })),
  ];
  const parts = portions(droppable, await roomForLocks(admin));
  if (parts.length <= 1) return;
  for (const part of parts) {
    await asOwner(admin, role, async () => {
      for (const { statement } of part) await admin.query(statement);
    });
  }
}
