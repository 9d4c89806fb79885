import type { Client } from "pg";
import { type Dependent, dependentsOutside } from "../backup/beyond-schema";
import { withRoutineArguments } from "../object-identity";
import type { Difference, HandMade } from "./difference";

/**
 * Something outside uses what is in the schema: another tenant's table may run the tenant's code, and would lose it with the tenant.
 * Left out is what belongs to the role, which moves into the schema, and what belongs to an extension, which stays with that.
 */
export async function dependentDifferences(admin: Client, { role, schema }: HandMade): Promise<Difference[]> {
  const dependents = await withRoutineArguments(admin, await dependentsOutside(admin, schema));
  return dependents
    .filter(({ owner, ofExtension }) => owner !== role && !ofExtension)
    .map((dependent) => {
      const what = `${dependent.description.replace(/^rule _RETURN on /, "")} is outside ${schema}, and uses what is in it`;
      const statement = removal(dependent);
      return statement === undefined
        ? { what: `${what}: look at it, and drop it or remove its dependency`, statement, as: [] }
        : { what, statement, as: dependent.owner === null ? [] : [dependent.owner] };
    });
}

/** Kinds that hold no rows, by the word that `drop` takes for them. */
const REMOVABLE: Readonly<Record<string, string>> = {
  ...{ trigger: "trigger", rule: "rule", policy: "policy", index: "index", cast: "cast", operator: "operator" },
  ...{ function: "routine", procedure: "routine", aggregate: "routine", "statistics object": "statistics" },
};

const QUERY_OF = '"_RETURN" on ';

/** `if exists`: what belongs to another that was dropped before is gone with it. */
function removal({ description, type, identity }: Dependent): string | undefined {
  const keyword = REMOVABLE[type];
  if (keyword === undefined) return undefined;
  if (type !== "rule" || !identity.startsWith(QUERY_OF)) return `drop ${keyword} if exists ${identity}`;
  // A materialized view holds rows.
  return description.startsWith("rule _RETURN on view ")
    ? `drop view if exists ${identity.slice(QUERY_OF.length)}`
    : undefined;
}
