import type { Client } from "pg";
import { schemaComment } from "../../database/foreign-objects";
import { initialisedWith } from "../../database/schema-marker";
import { compareTarget } from "./compare-target";
import { named } from "./empty-schema";
import { type InitScript, initialise } from "./initialise";
import type { Job } from "./proved-copy";
import type { Outcome } from "./show-outcome";

/**
 * A run that died after the restore has left rows and no marker. If the rows are the backup's, the rest is done now.
 *
 * @throws Error when they are not: then the tenant is not empty.
 */
export async function completeEarlier(
  session: Client,
  job: Job,
  script: InitScript,
  filled: readonly string[],
): Promise<Omit<Outcome, "stack">> {
  const { backup, target } = job;
  const refused = new Error(
    `${target.schema} is not empty: ${named(filled)} hold rows. A backup is restored into an empty tenant only: ` +
      "empty the tables, or restore into another tenant with --as OTHER_SLUG",
  );
  const comment = (await schemaComment(session, target.schema)) ?? null;
  if (initialisedWith(comment) !== undefined) throw refused;
  const compared = await compareTarget(session, job);
  if (compared.differing.length > 0) throw refused;
  await initialise(target, script);
  return { backup, target, ...compared, warnings: [], neighbours: undefined, completed: true };
}
