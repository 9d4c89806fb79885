import { optionsToRepeat, type RehearsalPlace } from "../../ops/stack/stack-options";
import type { PendingOperation } from "../engine/state";
import { nameOf, typeOf } from "../engine/urn";

/** What the person is told whose last run died: each interrupted operation by name, and the one command that sorts them out. */
export function interruptedMessage(
  operations: readonly PendingOperation[],
  stack: string,
  place: RehearsalPlace,
): string {
  const lines = operations.map(({ type, resource }) => `  ${type} ${typeOf(resource.urn)} ${nameOf(resource.urn)}`);
  return [
    `The last run was interrupted in the middle of ${operations.length === 1 ? "this operation" : "these operations"}:`,
    ...lines,
    "Nothing was changed now. Run this, which looks at what is really there, and sorts it out:",
    `  npx b2b-tenants recover ${optionsToRepeat({ stack, rehearsal: place })}`,
    "Then run the same command again.",
  ].join("\n");
}
