import type { StackAccess } from "../stack/stack-access";
import { haveOneDatabase, stackDifferences } from "./stack-differences";

/** Until the file with the new stack is deployed everywhere, an older one would adopt in one stack what the other has. */
export function refuseAdoption({ stack, everyStack }: StackAccess, slug: string, file: string): void {
  if (everyStack.find((spec) => spec.slug === slug)?.adopt !== true) return;
  throw new Error(
    `${file} says \`adopt: true\`: a deployment of ${stack} from before the move would adopt ${slug} anew. It has been adopted, so take the line out, run \`up\`, and run this again`,
  );
}

export function refuseDifferences(source: StackAccess, target: StackAccess, slug: string): void {
  if (!haveOneDatabase(source.settings, target.settings)) {
    const at = ({ settings: { database } }: StackAccess) => `${database.host}:${database.port}, ${database.name}`;
    throw new Error(
      `${target.stack} has another database (${at(target)}) than ${source.stack} (${at(source)}), and its tenants in the same folder: give each ` +
        "database a fleet stack and a folder of its own (docs/scale.md), and this command moves the data",
    );
  }
  const differences = stackDifferences(source, target, slug);
  if (differences.length === 0) return;
  throw new Error(
    `${source.stack} and ${target.stack} differ in what ${slug} is made of: ${differences.join("; ")}. Make their settings alike, or write it into ` +
      "the tenant's file, and run `up` before the move",
  );
}
