import { byName, type StackFile } from "../fleet/stack-file";

/** How many tenants the fleet stack takes if its settings do not say. */
export const DEFAULT_ROOM = 10;

/** A stack, and how many tenants it has. */
export interface FilledStack extends StackFile {
  readonly tenants: number;
}

/** Where a new tenant goes. */
export interface Place {
  readonly stack: string;
  /** How many tenants the stack will have, and how many it takes. */
  readonly tenants: number;
  readonly room: number;
  /** Whether the stack has yet to be made, after the model of the fleet stack. */
  readonly isNew: boolean;
}

/** The first stack that has room, the fleet's before the others; or the next one. @param fleet The fleet stack. */
export function placeFor(stacks: readonly FilledStack[], fleet: FilledStack): Place {
  const others = stacks.filter(({ stack }) => stack !== fleet.stack).sort(byName);
  for (const candidate of [fleet, ...others]) {
    const room = roomOf(candidate);
    const { stack, tenants } = candidate;
    if (tenants < room) return { stack, tenants: tenants + 1, room, isNew: false };
  }
  return { stack: nextName(stacks, fleet), tenants: 1, room: Math.max(1, roomOf(fleet)), isNew: true };
}

/** A stack that says nothing is somebody's own, unless it is the fleet's. */
function roomOf({ room, fleet }: StackFile): number {
  return room ?? (fleet ? DEFAULT_ROOM : 0);
}

function nextName(stacks: readonly StackFile[], fleet: StackFile): string {
  for (let number = 2; ; number += 1) {
    const name = `${fleet.stack}-${number}`;
    if (!stacks.some(({ stack }) => stack === name)) return name;
  }
}
