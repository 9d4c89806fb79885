import { type Client, escapeIdentifier } from "pg";
import { objectsIn } from "../schema-objects";
import { dropInPortions, dropStatements } from "./drop-in-portions";
import { tablesToDrop } from "./drop-tables";
import { portions, roomForLocks } from "./portions";

/**
 * Drops all that is in a schema, some at a time, where the server has no room for the locks of dropping it together with the schema, which
 * is what comes next. Elsewhere it does nothing.
 */
export async function dropRest(admin: Client, schema: string, role: string): Promise<void> {
  const home = escapeIdentifier(schema);
  const tables = await tablesToDrop(admin, schema);
  const droppable = [
    ...tables.map(({ name, locks }) => ({
      locks,
      statement: `drop table if exists ${home}.${escapeIdentifier(name)} cascade`,
    })),
    ...dropStatements(await objectsIn(admin, schema)),
  ];
  if (portions(droppable, await roomForLocks(admin)).length > 1) await dropInPortions(admin, role, droppable);
}
