import { equalValues, isMap, type PropertyValue, type Props } from "../protocol/property-values";
import type { Goal } from "./goal";
import type { DiffKind, DiffResult, PropertyDiff } from "./provider-answers";

/** What is to happen to a resource that exists, and why. */
export interface Change {
  readonly action: "same" | "update" | "replace";
  readonly diffReasons: readonly string[];
  readonly replaceReasons: readonly string[];
  readonly detailed: Readonly<Record<string, PropertyDiff>> | undefined;
  readonly deleteBeforeReplace: boolean;
}

/** Turns a provider's answer into a decision; where the provider leaves it open, the inputs are compared. */
export function decide(
  answer: DiffResult,
  oldInputs: Props,
  newInputs: Props,
  goal: Pick<Goal, "replaceOnChanges" | "deleteBeforeReplace"> = {
    replaceOnChanges: [],
    deleteBeforeReplace: undefined,
  },
): Change {
  const compared = answer.changes === "unknown" ? compareInputs(oldInputs, newInputs) : undefined;
  const detailed = compared ?? answer.detailed;
  const changed = compared === undefined ? answer.changed : Object.keys(compared);
  const forced = changed.filter((path) =>
    goal.replaceOnChanges.some((pattern) => pattern === "*" || pattern === rootOf(path)),
  );
  const replaceReasons = [...new Set([...answer.replaces, ...forced])];
  const differs = compared === undefined ? answer.changes === "some" : changed.length > 0;
  return {
    action: replaceReasons.length > 0 ? "replace" : differs ? "update" : "same",
    diffReasons: changed,
    replaceReasons,
    detailed,
    deleteBeforeReplace: goal.deleteBeforeReplace ?? answer.deleteBeforeReplace,
  };
}

/** Top-level inputs that differ; those whose name begins with `__` are the protocol's own and do not count. */
export function compareInputs(olds: Props, news: Props): Record<string, PropertyDiff> {
  const differences: Record<string, PropertyDiff> = {};
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])].sort();
  for (const key of keys.filter((name) => !name.startsWith("__"))) {
    const kind: DiffKind = !(key in olds) ? "add" : !(key in news) ? "delete" : "update";
    if (kind !== "update" || !equalValues(olds[key], news[key])) {
      differences[key] = { kind, inputDiff: true };
    }
  }
  return differences;
}

function rootOf(path: string): string {
  return path.split(/[.[]/)[0] ?? path;
}

/** The new inputs with each ignored property set back to what it was. Paths are names joined by dots. */
export function ignoringChanges(news: Props, olds: Props | undefined, paths: readonly string[]): Props {
  if (olds === undefined) {
    return news;
  }
  let result = news;
  for (const path of paths) {
    if (/[[\]*]/.test(path)) {
      throw new Error(`ignoreChanges "${path}": the rehearsal engine supports names joined by dots only`);
    }
    result = withOldValue(result, olds, path.split("."));
  }
  return result;
}

function withOldValue(news: Props, olds: Props, [name, ...rest]: readonly string[]): Props {
  if (name === undefined) {
    return news;
  }
  const old: PropertyValue | undefined = olds[name];
  if (rest.length > 0) {
    const inner = news[name];
    return isMap(inner) && isMap(old) ? { ...news, [name]: withOldValue(inner, old, rest) } : news;
  }
  const { [name]: _, ...others } = news;
  return old === undefined ? others : { ...others, [name]: old };
}
