import { json } from "node:stream/consumers";
import type { GateInputs } from "../../database/offboarding/offboard";
import { offboard } from "../../database/offboarding/offboard";

/**
 * A process that does what the gate's deletion does: `GateInputs` as JSON on stdin, and after which step it is to be killed. Prints
 * the steps; ends with 0 when the tenant may be dropped, else with 1 and the message.
 */
async function main(): Promise<void> {
  const { gate, killAfter } = (await json(process.stdin)) as { gate: GateInputs; killAfter?: number };
  let steps = 0;
  const done = (step: string) => {
    console.log(step);
    if (++steps === killAfter) process.kill(process.pid, "SIGKILL");
  };
  await offboard(gate, { env: process.env, done }).catch((error: Error) => {
    console.log(error.message);
    process.exitCode = 1;
  });
}

void main();
