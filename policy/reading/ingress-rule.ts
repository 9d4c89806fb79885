import { isAbsent } from "./absent";
import { isPrivateRange } from "./address-range";
import { ifKnown, ofEach } from "./known";
import { shown } from "./shown";

const SSH = 22;

/** Protocols that carry no SSH; what is not listed is taken for TCP. */
const OTHER_PROTOCOLS = new Set(["udp", "17", "icmp", "1", "icmpv6", "58"]);
const ALL_PROTOCOLS = new Set(["-1", "all"]);

/** How one kind of rule names its properties. Members of security groups are known, so they are no matter here. */
export interface Wording {
  readonly protocol: string;
  readonly ranges: readonly string[];
  readonly prefixLists: string;
}

/** What is wrong with a rule that lets traffic in; nothing if it does not concern SSH. */
export function publicSsh(rule: Readonly<Record<string, unknown>>, wording: Wording): string[] {
  if (!coversSsh(rule[wording.protocol], rule.fromPort, rule.toPort)) return [];
  // Property by property, so that one which is not known yet hides no other.
  const ranges = wording.ranges.flatMap((property) => ifKnown(() => ofEach(listed(rule[property]), ofRange)));
  return [...ranges, ...ifKnown(() => ofEach(listed(rule[wording.prefixLists]), ofPrefixList))];
}

function coversSsh(protocol: unknown, from: unknown, to: unknown): boolean {
  const name = String(protocol).toLowerCase();
  if (OTHER_PROTOCOLS.has(name)) return false;
  return ALL_PROTOCOLS.has(name) || !(port(from) > SSH || port(to) < SSH);
}

/** -1 is every port. What is no number compares as neither above nor below, and so covers. */
function port(value: unknown): number {
  const isNumber = typeof value === "number" || (typeof value === "string" && /^[0-9]+$/.test(value));
  return isNumber && value !== -1 ? Number(value) : Number.NaN;
}

function ofRange(range: unknown): string[] {
  if (isPrivateRange(range)) return [];
  return [
    `It lets ${shown(range)} reach port 22 (SSH). Leave it out: the way in is Session Manager, which needs no port.`,
  ];
}

function ofPrefixList(list: unknown): string[] {
  return [
    `It lets the prefix list ${shown(list)}, whatever is in it, reach port 22 (SSH). Name private ranges instead.`,
  ];
}

/** A property that may be left out, or hold one value or a list of them. */
export function listed(value: unknown): readonly unknown[] {
  if (isAbsent(value)) return [];
  return Array.isArray(value) ? value : [value];
}
