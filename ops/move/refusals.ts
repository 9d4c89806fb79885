import type { StackFile } from "../fleet/stack-file";
import type { StackAccess } from "../stack/stack-access";
import { haveOneDatabase, stackDifferences } from "./stack-differences";

const BY_RESTORE = 'remove the tenant there and restore its backup here (docs/moves.md, "Another database server")';

/** Until the file with the new stack is deployed everywhere, an older one would adopt in one stack what the other has. */
export function refuseAdoption({ stack, everyStack }: StackAccess, slug: string, file: string): void {
  if (everyStack.find((spec) => spec.slug === slug)?.adopt !== true) return;
  throw new Error(
    `${file} says \`adopt: true\`: a deployment of ${stack} from before the move would adopt ${slug} anew. It has been adopted, so take the line out, run \`up\`, and run this again`,
  );
}

export function refuseOtherFolder(source: StackFile, target: StackFile, slugs: readonly string[]): void {
  if (source.tenantsDir === target.tenantsDir) return;
  throw new Error(
    `${source.stack} has its tenants in ${source.tenantsDir}, and ${target.stack} in ${target.tenantsDir}: ${slugs.join(", ")} cannot be moved ` +
      `between them, since each folder has a database of its own. Instead, ${BY_RESTORE}`,
  );
}

export function refuseDifferences(source: StackAccess, target: StackAccess, slug: string): void {
  if (!haveOneDatabase(source.settings, target.settings)) {
    const at = ({ settings: { database } }: StackAccess) => `${database.host}:${database.port}, ${database.name}`;
    throw new Error(
      `${target.stack} is on another database server (${at(target)}) than ${source.stack} (${at(source)}): this command moves no data. ` +
        `Instead, ${BY_RESTORE}`,
    );
  }
  const differences = stackDifferences(source, target, slug);
  if (differences.length === 0) return;
  throw new Error(
    `${source.stack} and ${target.stack} differ in what ${slug} is made of: ${differences.join("; ")}. Make their settings alike, or write it into ` +
      "the tenant's file, and run `up` before the move",
  );
}
