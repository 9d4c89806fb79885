import { equalValues, type Props } from "../protocol/property-values";
import type { DiffKind, DiffResult, PropertyDiff } from "./provider-answers";

/** What is to happen to a resource that exists, and why. */
export interface Change {
  readonly action: "same" | "update" | "replace";
  readonly diffReasons: readonly string[];
  readonly replaceReasons: readonly string[];
  readonly detailed: Readonly<Record<string, PropertyDiff>> | undefined;
  readonly deleteBeforeReplace: boolean;
}

/**
 * Turns a provider's answer into a decision; where the provider leaves it open, the inputs are compared.
 *
 * @param deleteBeforeReplace What the program asks for; undefined leaves it to the provider.
 */
export function decide(
  answer: DiffResult,
  oldInputs: Props,
  newInputs: Props,
  deleteBeforeReplace?: boolean | undefined,
): Change {
  const compared = answer.changes === "unknown" ? compareInputs(oldInputs, newInputs) : undefined;
  const changed = compared === undefined ? answer.changed : Object.keys(compared);
  const differs = compared === undefined ? answer.changes === "some" : changed.length > 0;
  return {
    action: answer.replaces.length > 0 ? "replace" : differs ? "update" : "same",
    diffReasons: changed,
    replaceReasons: answer.replaces,
    detailed: compared ?? answer.detailed,
    deleteBeforeReplace: deleteBeforeReplace ?? answer.deleteBeforeReplace,
  };
}

/** Top-level inputs that differ; those whose name begins with `__` are the protocol's own and do not count. */
export function compareInputs(olds: Props, news: Props): Record<string, PropertyDiff> {
  const differences: Record<string, PropertyDiff> = {};
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  for (const key of keys.filter((name) => !name.startsWith("__"))) {
    const kind: DiffKind = !(key in olds) ? "add" : !(key in news) ? "delete" : "update";
    if (kind !== "update" || !equalValues(olds[key], news[key])) differences[key] = { kind, inputDiff: true };
  }
  return differences;
}

/** The new inputs with each ignored one set back to what it was. */
export function ignoringChanges(news: Props, olds: Props | undefined, ignored: readonly string[]): Props {
  if (olds === undefined) return news;
  const result = { ...news };
  for (const name of ignored) {
    const old = olds[name];
    if (old === undefined) delete result[name];
    else result[name] = old;
  }
  return result;
}
