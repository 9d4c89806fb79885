import { message } from "../../message";
import type { DatabaseTenant, Leak, Note } from "../leak";
import { DONE, type Unrefused } from "./carry-out";

/** The leaks and notes of the attempts that were not refused for want of permission. */
export function judge({ role }: DatabaseTenant, unrefused: readonly Unrefused[]): { leaks: Leak[]; notes: Note[] } {
  const gone = new Set(unrefused.filter(isGone).map(({ attempt }) => attempt.walls[0]));
  // Where the wall itself is gone, other statements fail in other words.
  const standing = unrefused.filter(({ attempt, outcome }) => outcome === DONE || !gone.has(attempt.walls[0]));
  return {
    leaks: standing.filter(isLeak).map((one) => leakOf(role, one)),
    notes: [
      ...[...gone].map((wall) => ({ sentence: message("goneMeanwhile", { what: wall }), statement: undefined })),
      ...standing.filter((one) => !isLeak(one)).map(noteOf),
    ],
  };
}

/**
 * Whether what was tried has been dropped since the catalogs were read. Of a schema one SQLSTATE alone says so: with the other, a
 * schema that has just been opened says that it has no such thing.
 */
function isGone({ attempt, outcome }: Unrefused): boolean {
  const [wall] = attempt.walls;
  if (wall.startsWith("schema ")) return outcome === "3F000";
  return /^(role|large object) /.test(wall) && outcome === "42704";
}

/**
 * A tenant's wall refuses, or it is a leak until somebody has looked. The server may have other reasons, as one that AWS runs has for
 * what it does not offer.
 */
function isLeak({ attempt, outcome }: Unrefused): boolean {
  return outcome === DONE || attempt.victim !== undefined;
}

function leakOf(role: string, { attempt, outcome }: Unrefused): Leak {
  const { check, victim, schema, object, statement } = attempt;
  const hint = outcome === DONE ? message("doneInSpite") : message("failedOtherwise", { code: outcome });
  return { check, role, victim, schema, object, statement, closes: [], hint };
}

function noteOf({ attempt, outcome }: Unrefused): Note {
  return {
    sentence: message("refusedOtherwise", { code: outcome }),
    statement: attempt.statement,
  };
}
