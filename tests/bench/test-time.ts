import { type CommandCost, timedCommand } from "./measuring";

/** What one run of `npm test` took. */
export interface TestTime extends CommandCost {
  readonly cases: number;
}

/**
 * Runs `npm test` of each checkout, one directly after the other and nothing beside it, so that neighbours meet the same machine.
 *
 * @param checkouts Folders in which `npm ci` has run.
 * @throws Error with what it printed, if a case fails.
 */
export async function measureTests(checkouts: readonly string[]): Promise<TestTime[]> {
  const times: TestTime[] = [];
  for (const checkout of checkouts) {
    const { stdout, ...cost } = await timedCommand(["npm", "test"], { cwd: checkout, env: process.env });
    times.push({ ...cost, cases: countCases(stdout) });
  }
  return times;
}

/** Node's reporters all end with a count, after a sign of their own. */
function countCases(output: string): number {
  const cases = /^\S+ tests (\d+)$/m.exec(output)?.[1];
  if (cases === undefined) throw new Error(`npm test printed no count of its cases: ${output.slice(-2000)}`);
  return Number(cases);
}
