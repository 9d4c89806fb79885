/** What people see of a fleet while it is deployed: on a terminal a line for each stack, elsewhere a line for each step. */
import { printable } from "../../domain/printable";
import { parseUrn } from "../../domain/urn";
import { LiveLines, type Terminal } from "../live-lines";
import type { FleetDisplay } from "./deploy-fleet";
import { WORDS } from "./show-outcomes";
import type { DeploymentEvent } from "./stack-deployer";
import type { StackOutcome } from "./stack-outcome";

/** One line for each step that changes something. */
export class StepLines implements FleetDisplay {
  constructor(
    private readonly report: (line: string) => void,
    private readonly planned: boolean,
  ) {}

  begun(stack: string): void {
    this.report(`${stack}: begun`);
  }

  event(stack: string, event: DeploymentEvent): void {
    if (event.kind === "step") {
      const words = WORDS[event.op];
      if (event.status !== "done" || event.op === "same" || words === undefined) return;
      this.report(`${stack}: ${words[this.planned ? 1 : 0]} ${nameOf(event.urn)}`);
    } else if (event.kind === "message") {
      const name = nameOf(event.urn);
      this.report(`${stack}: ${event.severity}: ${name === "" ? "" : `${name}: `}${event.text.trim()}`);
    }
  }

  say(line: string): void {
    this.report(line);
  }

  ended({ stack, result, reason, seconds }: StackOutcome): void {
    this.report(
      `${stack}: ${result}${result === "skipped" ? "" : ` after ${seconds.toFixed(0)} s`}${reason && `: ${reason}`}`,
    );
  }
}

/** What a stack's line says. */
interface Line {
  began: number;
  steps: number;
  failures: number;
  now: string;
  outcome: StackOutcome | undefined;
}

/** One line for each stack, which is kept up to date. */
export class StackLines implements FleetDisplay {
  private readonly lines = new Map<string, Line>();
  private readonly live: LiveLines;

  constructor(
    terminal: Terminal,
    private readonly planned: boolean,
  ) {
    this.live = new LiveLines(terminal);
  }

  begun(stack: string): void {
    this.lines.set(stack, { began: performance.now(), steps: 0, failures: 0, now: "", outcome: undefined });
    this.live.start(() => this.draw());
  }

  event(stack: string, event: DeploymentEvent): void {
    const line = this.lines.get(stack);
    if (line === undefined) return;
    if (event.kind === "status") {
      line.now = event.text;
    } else if (event.kind === "message") {
      if (event.severity === "error") line.failures += 1;
    } else if (event.status === "begun") {
      line.now = `${WORDS[event.op]?.[1] ?? event.op} ${nameOf(event.urn)}`;
    } else if (event.op !== "same" && event.status !== "skipped") {
      line.steps += 1;
    }
  }

  ended(outcome: StackOutcome): void {
    const line = this.lines.get(outcome.stack);
    const began = performance.now();
    if (line === undefined) this.lines.set(outcome.stack, { began, steps: 0, failures: 0, now: "", outcome });
    else line.outcome = outcome;
    this.draw();
    if (![...this.lines.values()].every(({ outcome }) => outcome !== undefined)) return;
    this.live.stop();
  }

  say(line: string): void {
    this.draw([line]);
  }

  /** Over what was drawn before, with lines that stay above it. */
  private draw(above: readonly string[] = []): void {
    const width = Math.max(0, ...[...this.lines.keys()].map((stack) => stack.length));
    const shown = [...this.lines].map(([stack, line]) => `${stack.padEnd(width)}  ${this.text(line)}`);
    this.live.draw(shown, above);
  }

  private text({ began, steps, failures, now, outcome }: Line): string {
    const seconds = outcome?.seconds ?? (performance.now() - began) / 1000;
    const state = outcome?.result ?? (this.planned ? "looking" : "at work");
    const parts = [
      `${state.padEnd(8)} ${seconds.toFixed(0).padStart(4)} s`,
      `${steps} ${this.planned ? "to change" : "changed"}`,
      ...(failures > 0 ? [`${failures} failed`] : []),
      ...(outcome === undefined && now !== "" ? [now] : []),
    ];
    return parts.join("  ");
  }
}

function nameOf(urn: string): string {
  return printable(parseUrn(urn)?.name ?? "");
}
