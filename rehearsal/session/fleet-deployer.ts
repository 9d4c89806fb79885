import { existsSync, readdirSync } from "node:fs";
import { errorMessage } from "../../database/error-message";
import { printableLines } from "../../domain/printable";
import type { Deployed, DeploymentEvent, StackDeployer } from "../../ops/fleet/stack-deployer";
import { holdingsIn } from "../../ops/fleet/state-holdings";
import type { RehearsalPlace } from "../../ops/stack/stack-options";
import { interruptedMessage } from "../display/interrupted";
import { isDefaultProvider } from "../display/progress";
import { destroy, InterruptedRun, preview, up } from "../engine/engine";
import type { DeploymentObserver, Step } from "../engine/step";
import { type Session, withSessions } from "./session";
import { checkedStackName, type Processes } from "./session-options";
import { exportedState } from "./stack-access";

const OPERATIONS = { up, preview, destroy } as const;

/** What deploys these stacks of a rehearsal, for the time of `work`; starts the servers if need be. */
export function withRehearsedFleet<Result>(
  stacks: readonly string[],
  place: RehearsalPlace,
  report: (line: string) => void,
  work: (deployer: StackDeployer) => Promise<Result>,
): Promise<Result> {
  return withRehearsedStacks(stacks, place, report, (sessions) => work(rehearsalDeployer(sessions)));
}

/** These stacks of a rehearsal, open for the time of `work`. */
export function withRehearsedStacks<Result>(
  stacks: readonly string[],
  place: RehearsalPlace,
  report: (line: string) => void,
  work: (sessions: readonly Session[]) => Promise<Result>,
  processes?: Processes,
): Promise<Result> {
  const [first = ""] = stacks.map(checkedStackName);
  const options = {
    ...place,
    stack: first,
    postgres: undefined,
    postgresBin: undefined,
    plugins: new Map(),
    processes,
  };
  return withSessions(options, stacks, report, work);
}

/** No stack of a rehearsal has to be made beforehand. */
export function rehearsalDeployer(sessions: readonly Session[]): StackDeployer {
  const [{ home } = { home: undefined }] = sessions;
  const stopped = new AbortController();
  return {
    existing: async () => {
      const folder = home?.statesDir ?? "";
      const states = existsSync(folder) ? readdirSync(folder) : [];
      const deployed = states.filter((name) => name.endsWith(".json")).map((name) => name.replace(/\.json$/, ""));
      return new Set([...sessions.map(({ stack }) => stack), ...deployed]);
    },
    holdings: async (stack) => holdingsIn(await exportedState(home?.statePath(stack) ?? "")),
    deploy: async (name, operation, tell) => {
      const session = sessions.find(({ stack }) => stack === name);
      if (session === undefined) throw new Error(`the stack ${name} was not opened`);
      try {
        const options = session.engine(observer(tell), stopped.signal);
        const { ok, failures } = await OPERATIONS[operation](options);
        return { ok, stopped: !ok && failures.length === 0, reason: "" } satisfies Deployed;
      } catch (error) {
        const reason =
          error instanceof InterruptedRun
            ? interruptedMessage(error.operations, name, session.place)
            : errorMessage(error);
        return { ok: false, stopped: false, reason } satisfies Deployed;
      }
    },
    stop: () => stopped.abort(),
    // The engine is this process.
    endAtOnce: () => process.exit(1),
  };
}

function observer(tell: (event: DeploymentEvent) => void): DeploymentObserver {
  const step = ({ urn, op }: Step, status: "begun" | "done") => tell({ kind: "step", urn, op, status });
  return {
    planned: (planned) => {
      if (!isDefaultProvider(planned)) step(planned, "begun");
    },
    done: (done) => {
      if (!isDefaultProvider(done)) step(done, "done");
    },
    failed: (urn, message) => {
      tell({ kind: "step", urn, op: "", status: "failed" });
      tell({ kind: "message", severity: "error", urn, text: printableLines(message).trim() });
    },
    skipped: (urn) => tell({ kind: "step", urn, op: "", status: "skipped" }),
    status: (message) => tell({ kind: "status", text: printableLines(message) }),
    diagnostic: (severity, message, urn) => {
      if (severity !== "info") tell({ kind: "message", severity, urn, text: printableLines(message).trim() });
    },
  };
}
