import type { Check } from "./leak";
import type { ProvedLeak } from "./merge";

/** As many as somebody reads; the rest of them mostly have the same cause. `--json` has them all. */
const MOST_LEAKS = 100;

/** Of those that differ in nothing but the object. */
const MOST_ALIKE = 5;

/** What lets a role get at more than the one thing that is told. */
const FIRST: ReadonlySet<Check> = new Set(["membership", "role attribute", "database"]);

/** A leak to be shown. */
export interface ChosenLeak {
  readonly leak: ProvedLeak;
  /** How many like it are not shown after it. */
  readonly more: number;
}

/**
 * The leaks that people are shown: those first that let a role get at the most, and few of a kind, so that who makes a hundred small
 * holes hides no big one. If that is still too much, whom there is little to tell of comes first.
 */
export function chosenLeaks(leaks: readonly ProvedLeak[]): { shown: ChosenLeak[]; left: number } {
  const alike = new Map<string, ProvedLeak[]>();
  for (const leak of leaks) {
    const key = JSON.stringify([leak.role, leak.victim, leak.check]);
    const group = alike.get(key);
    if (group === undefined) alike.set(key, [leak]);
    else group.push(leak);
  }
  const groups = [...alike.values()];
  if (leaks.length > MOST_LEAKS) groups.sort((a, b) => ofVictim(groups, a) - ofVictim(groups, b));
  groups.sort((a, b) => rank(a) - rank(b));
  const chosen = groups.flatMap((group) => {
    const some = group.slice(0, MOST_ALIKE);
    return some.map((leak, index) => ({ leak, more: index === some.length - 1 ? group.length - some.length : 0 }));
  });
  const shown = chosen.slice(0, MOST_LEAKS);
  const told = shown.reduce((sum, { more }) => sum + 1 + more, 0);
  return { shown, left: leaks.length - told };
}

function rank([leak]: readonly ProvedLeak[]): number {
  return leak !== undefined && FIRST.has(leak.check) ? 0 : 1;
}

function ofVictim(groups: readonly (readonly ProvedLeak[])[], [leak]: readonly ProvedLeak[]): number {
  return groups.filter(([other]) => other?.victim === leak?.victim).length;
}
