import { hasUnknown, type PropertyValue, type Props, UNKNOWN } from "../../protocol/property-values";
import type { DiffAnswer, DiffKind, DiffRequest } from "../stand-in";
import { isZero, namesWhere, type PropertySpec, type Specs, sortedSet } from "./properties-spec";

/**
 * The state that `news` ask for. A property that is not given goes to its default, or stays where the server has put it,
 * or is unset. `olds` is undefined for a resource that does not exist yet.
 */
export function plan(specs: Specs, news: Props, olds: Props | undefined): Props {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      planned(spec, news[name] ?? null, olds && (olds[name] ?? null)),
    ]),
  );
}

function planned(spec: PropertySpec, wanted: PropertyValue, old: PropertyValue | undefined): PropertyValue {
  if (wanted !== null) return spec.kind === "set" && Array.isArray(wanted) ? sortedSet(wanted.map(String)) : wanted;
  if (spec.default !== undefined) return spec.default;
  if (spec.computed) return old ?? null;
  return old !== undefined && isZero(old) ? old : null;
}

/** A planned state as a preview shows it: what the server will decide is not known yet. */
export function previewed(specs: Specs, state: Props): Props {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, value === null && specs[name]?.computed ? UNKNOWN : value]),
  );
}

/** What of the state changes, from the state alone: no server is asked. */
export function diff(specs: Specs, request: DiffRequest, nameProperty?: string): DiffAnswer {
  const { olds, news, ignoreChanges } = request;
  const wanted = plan(specs, news, olds);
  const diffs = namesWhere(specs, (spec) => !spec.stateOnly).filter(
    (name) => !ignoreChanges.includes(name) && differs(specs[name] as PropertySpec, olds[name], wanted[name]),
  );
  const replaces = diffs.filter((name) => specs[name]?.forceNew);
  const stables = namesWhere(specs, (spec) => spec.forceNew === true).filter((name) => !replaces.includes(name));
  // Two things of one name cannot live side by side.
  const keepsName = nameProperty !== undefined && !diffs.includes(nameProperty);
  return {
    changes: diffs.length > 0,
    diffs,
    replaces,
    stables,
    deleteBeforeReplace: replaces.length > 0 && keepsName,
    detailedDiff: Object.fromEntries(
      diffs.flatMap((name) => details(name, replaces.includes(name), olds[name] ?? null, wanted[name] ?? null)),
    ),
  };
}

function differs(spec: PropertySpec, old: PropertyValue | undefined, wanted: PropertyValue | undefined): boolean {
  if (hasUnknown(wanted ?? null)) return true;
  // With a default, Terraform tells an unset value from its zero: something imported has it unset.
  if (spec.default === undefined && isZero(old) && isZero(wanted)) return false;
  return JSON.stringify(old ?? null) !== JSON.stringify(wanted ?? null);
}

type Detail = [path: string, diff: { kind: DiffKind }];

function details(name: string, replaces: boolean, old: PropertyValue, wanted: PropertyValue): Detail[] {
  const detail = (path: string, kind: "ADD" | "DELETE" | "UPDATE"): Detail => [
    path,
    { kind: replaces ? `${kind}_REPLACE` : kind },
  ];
  if (old === null) return [detail(name, "ADD")];
  if (wanted === null) return [detail(name, "DELETE")];
  if (!Array.isArray(old) || !Array.isArray(wanted)) return [detail(name, "UPDATE")];
  const added = wanted.flatMap((element, at) => (old.includes(element) ? [] : [detail(`${name}[${at}]`, "ADD")]));
  const removed = old.flatMap((element, at) => (wanted.includes(element) ? [] : [detail(`${name}[${at}]`, "DELETE")]));
  const moved = added.length + removed.length === 0 ? [detail(name, "UPDATE")] : [];
  // One element that took another's place is one change.
  const paths = new Map<string, Detail>();
  for (const each of [...removed, ...added, ...moved]) {
    paths.set(each[0], paths.has(each[0]) ? detail(each[0], "UPDATE") : each);
  }
  return [...paths.values()];
}
