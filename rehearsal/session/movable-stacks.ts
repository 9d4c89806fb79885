import type { MovableStacks } from "../../ops/move/movable-stacks";
import type { RehearsalPlace } from "../../ops/stack/stack-options";
import { moveState } from "../engine/move-state";
import { rehearsalDeployer, withRehearsedStacks } from "./fleet-deployer";
import { Home } from "./home";
import { fromWhereItWasTyped } from "./places";
import type { Session } from "./session";
import type { Processes } from "./session-options";
import { stackAccess } from "./stack-access";

/** These stacks of a rehearsal, for tenants to move between, for the time of `work`; starts the servers if need be. */
export function withRehearsedMoves<Result>(
  stacks: readonly string[],
  place: RehearsalPlace,
  report: (line: string) => void,
  work: (stacks: MovableStacks) => Promise<Result>,
  processes?: Processes,
): Promise<Result> {
  return withRehearsedStacks(stacks, place, report, (sessions) => work(rehearsedStacks(sessions)), processes);
}

/** The stacks that have a database server of their own in that rehearsal. */
export function ownDatabases({ home }: RehearsalPlace): readonly string[] {
  return new Home(fromWhereItWasTyped(home)).ownDatabases;
}

export function rehearsedStacks(sessions: readonly Session[]): MovableStacks {
  const named = (stack: string) => {
    const session = sessions.find((one) => one.stack === stack);
    if (session === undefined) throw new Error(`the stack ${stack} was not opened`);
    return session;
  };
  return {
    deployer: rehearsalDeployer(sessions),
    open: async (stack) => stackAccess(named(stack)),
    moveState: (from, to, urns) => {
      const { home } = named(from);
      const place = (stack: string) => ({ stack, path: home.statePath(named(stack).stack) });
      return moveState(place(from), place(to), urns, home.passphrase);
    },
  };
}
