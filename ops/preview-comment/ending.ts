import { GATE, labelOf, purposeOf } from "./purpose";
import type { ChangeKind, ResourceChange } from "./resource-change";

export const LEFT_OVER = "left behind by an earlier replacement";

/** How something ends, or may for all that is known. */
const ENDINGS: Readonly<Partial<Record<ChangeKind, string>>> = {
  delete: "is **deleted**",
  replace: "is **replaced**",
  unknown: "**meets an operation that this comment does not know**",
};

/** How a resource ends, in words; undefined if it does not. */
export function endingOf({ kind }: ResourceChange): string | undefined {
  return ENDINGS[kind];
}

/** What it costs that a resource is deleted or replaced. */
export function costOf(change: ResourceChange): string | undefined {
  const { kind, leftOver } = change;
  const purpose = purposeOf(change);
  if (leftOver) return purpose?.ifGone === undefined ? LEFT_OVER : `${LEFT_OVER}: ${purpose.ifGone}`;
  if (isUnsavedGate(change)) return "NO backup: offboarding.backup is false";
  return kind === "replace" ? purpose?.ifReplaced : kind === "delete" ? purpose?.ifGone : undefined;
}

function isUnsavedGate({ type, before }: ResourceChange): boolean {
  return GATE.test(type) && before.backup === false;
}

/** Whether data, a login or a server go with what happens to a resource. */
export function isDestructive(change: ResourceChange): boolean {
  const { kind, type, leftOver } = change;
  if (kind !== "delete" && kind !== "replace") return false;
  // A gate is replaced together with its schema, which tells enough where a backup is taken.
  if (GATE.test(type)) return kind === "delete" ? !leftOver : isUnsavedGate(change);
  // A server that was replaced is nobody's any more. A schema or a role has the name of the one that took its place.
  if (leftOver && labelOf(change) === "server") return false;
  return purposeOf(change)?.destructive === true;
}
