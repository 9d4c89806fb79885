import { type Client, DatabaseError, escapeIdentifier } from "pg";
import { dropScratchDatabase } from "../../database/backup/scratch/scratch-database";
import { liftFence } from "../../database/offboarding/fence";
import { withRemovalLock } from "../../database/offboarding/offboarding-lock";
import { runTogether } from "../../database/transaction";
import { roleName } from "../../domain/names";
import { printable } from "../../domain/printable";
import type { Repair } from "./plan";

/** Something depends on what was to be dropped: it holds something by now, or always did. */
const STILL_HOLDS = "2BP01";

/** What a repair of the database came to; `instead`: what is to be done in its place. */
export type Outcome =
  | { readonly done: string }
  | { readonly instead: Repair; readonly why: string }
  | { readonly failed: string };

/**
 * Carries out a repair of the database; undefined when it is one of the state's. A run that was killed may have left a provider
 * behind that is still backing up: what that is at is left to it.
 */
export async function repairDatabase(admin: Client, database: string, repair: Repair): Promise<Outcome | undefined> {
  switch (repair.kind) {
    case "drop role":
      return dropping(`role ${repair.role}`, repair.otherwise, () => dropRole(admin, database, repair.role));
    case "drop schema":
      return dropping(`schema ${repair.schema}`, repair.otherwise, () => dropSchema(admin, repair));
    case "let in":
      return told(`${repair.role} is let in again`, () =>
        withRemovalLock(admin, repair.role, () => liftFence(admin, repair.role)),
      );
    case "drop verification":
      return told(`scratch database verify_${repair.slug} is dropped`, () =>
        withRemovalLock(admin, roleName(repair.slug), () => dropScratchDatabase(admin, repair.slug)),
      );
    default:
      return undefined;
  }
}

/** PostgreSQL itself drops no role that owns anything in any database, or that has rights left which are not taken away here. */
function dropRole(admin: Client, database: string, role: string): Promise<void> {
  return runTogether(admin, [
    `revoke all privileges on database ${escapeIdentifier(database)} from ${escapeIdentifier(role)}`,
    `drop role ${escapeIdentifier(role)}`,
  ]);
}

/** Without CASCADE, PostgreSQL drops no schema that anything is in. The owner's rights are needed for it, for this moment. */
async function dropSchema(admin: Client, { schema, owner }: { schema: string; owner: string }): Promise<void> {
  const { rows } = await admin.query<{ own: boolean }>("select $1 = current_user as own", [owner]);
  const drop = `drop schema ${escapeIdentifier(schema)} restrict`;
  const role = escapeIdentifier(owner);
  const asOwner = [`grant ${role} to current_user with inherit true`, drop, `revoke ${role} from current_user`];
  await runTogether(admin, rows[0]?.own ? [drop] : asOwner);
}

async function dropping(what: string, otherwise: Repair | undefined, drop: () => Promise<void>): Promise<Outcome> {
  try {
    await drop();
    return { done: `${what} is dropped` };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const why = `${what} is not dropped: ${wordsOf(error)}`;
    return error.code === STILL_HOLDS && otherwise !== undefined ? { instead: otherwise, why } : { failed: why };
  }
}

async function told(done: string, work: () => Promise<unknown>): Promise<Outcome> {
  try {
    await work();
    return { done };
  } catch (error) {
    return { failed: `not done: ${done}: ${wordsOf(error)}` };
  }
}

function wordsOf(error: unknown): string {
  const { message, detail } = error as Partial<DatabaseError>;
  return printable([message, detail].filter((part) => part !== undefined).join("; "));
}
