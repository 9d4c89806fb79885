import { codeBlock } from "../ci/markdown";
import type { Output, Status } from "../output";
import type { ChosenStacks } from "./chosen-stacks";
import { deployFleet, type FleetDisplay } from "./deploy-fleet";
import { destructionText } from "./destruction";
import { allDone, outcomesJson, outcomesText } from "./show-outcomes";
import type { Operation, StackDeployer } from "./stack-deployer";
import type { StackOutcome } from "./stack-outcome";

export interface FleetRequest {
  readonly fleet: ChosenStacks;
  readonly deployer: StackDeployer;
  readonly parallel: number;
  readonly json: boolean;
  /** Is given the summary a second time, as Markdown. */
  readonly addSummary?: ((markdown: string) => void) | undefined;
  /** Undefined: nobody has to be asked. */
  readonly consent: ((question: string) => Promise<boolean>) | undefined;
  /** @param planned Whether what is shown is what would be done. */
  display(planned: boolean): FleetDisplay;
  /** Calls `stop` when somebody wants all to end, and `endAtOnce` when somebody does so again. */
  interruptible<Result>(
    handlers: { readonly stop: () => void; readonly endAtOnce: () => void },
    work: () => Promise<Result>,
  ): Promise<Result>;
  /** The command to give again, for example `npx b2b-tenants fleet up`. */
  readonly again: string;
  /** What repairs a stack, for example `npx b2b-tenants recover --stack prod`. */
  recover(stack: string): string;
}

/** `fleet up`, `fleet preview` and `fleet destroy`, from what is asked beforehand to the summary. */
export async function runOperation(operation: Operation, request: FleetRequest, output: Output): Promise<Status> {
  const { fleet, json } = request;
  if (fleet.chosen.length === 0) {
    if (json) output.print(outcomesJson(operation, []));
    else output.report("No stack to work on.");
    return 0;
  }
  const refusal = await withoutConsent(operation, request, output);
  if (refusal !== undefined) return refusal;
  const outcomes = await deployed(operation, request);
  const text = outcomesText(operation, outcomes, request.again);
  output.print(json ? outcomesJson(operation, outcomes) : text);
  request.addSummary?.(`${codeBlock(text)}\n`);
  return allDone(outcomes) ? 0 : 1;
}

/** The status to end with, where there is nothing to do or nobody's consent to it. */
async function withoutConsent(
  operation: Operation,
  request: FleetRequest,
  output: Output,
): Promise<Status | undefined> {
  if (operation === "preview") return undefined;
  if (operation === "destroy") {
    const text = await destructionText(request.fleet, request.deployer);
    output.report(text === "" ? "None of the stacks holds anything." : `To be destroyed:\n${text}`);
  }
  const { consent } = request;
  if (consent === undefined) return undefined;
  if (operation === "up") {
    const planned = await deployed("preview", request);
    output.report(outcomesText("preview", planned, request.again));
    if (planned.some(({ result }) => result === "stopped")) return 1;
  }
  if (await consent(operation === "up" ? "Do this?" : "Destroy all of it?")) return undefined;
  output.report("Nothing was done.");
  return 1;
}

function deployed(operation: Operation, request: FleetRequest): Promise<StackOutcome[]> {
  const { fleet, deployer, parallel } = request;
  const display = request.display(operation === "preview");
  const interrupted = new AbortController();
  const atWork = new Set<string>();
  const watched: FleetDisplay = {
    begun: (stack) => {
      atWork.add(stack);
      display.begun(stack);
    },
    event: (stack, event) => display.event(stack, event),
    ended: (outcome) => {
      atWork.delete(outcome.stack);
      display.ended(outcome);
    },
    say: (line) => display.say(line),
  };
  const handlers = {
    stop: () => {
      display.say("Stopping: each stack finishes what is under way. Interrupt once more to end at once.");
      interrupted.abort();
      deployer.stop();
    },
    endAtOnce: () => {
      display.say("Ending in the middle of what was under way. What that leaves is found and repaired by:");
      for (const stack of atWork) display.say(`  ${request.recover(stack)}`);
      deployer.endAtOnce();
    },
  };
  return request.interruptible(handlers, () =>
    deployFleet(operation, { fleet, deployer, parallel, display: watched, signal: interrupted.signal }),
  );
}
