import { STACK_TYPE } from "../../domain/resource-types";
import type { Output } from "../../ops/output";
import { interruptedMessage } from "../display/interrupted";
import { InterruptedRun, type RunResult, up } from "../engine/engine";
import type { Step, StepOp } from "../engine/step";
import { nameOf } from "../engine/urn";
import { isMap, type PropertyValue, type Props } from "../protocol/property-values";
import type { CliStack } from "../pulumi/cli-stack";
import { type Session, withSession } from "../session/session";
import type { SessionOptions } from "../session/session-options";

/** A claim of the story that did not hold. */
export class StoryFailure extends Error {}

/** A row of the stack's `tenants` output. */
export interface TenantRow extends Props {
  readonly databaseUser: string;
  readonly schema: string;
  readonly server: string;
  readonly ssmPath: string;
  readonly stack: string;
}

/** What an `up` came to that did not fail. */
export interface Deployed {
  readonly steps: Steps;
  /** How many policies had nothing against it. */
  readonly policies: number;
  /** The stack's `tenants` output. */
  readonly tenants: Readonly<Record<string, TenantRow>>;
}

type Steps = readonly Pick<Step, "op" | "urn">[];

type Up = Deployed & Pick<RunResult, "ok" | "failures">;

/** How the story is told: each claim once it has held, and the deployments in between. */
export class Telling {
  /** @param given The folder of tenant files that was asked for; the story works on a copy, which `args` name. */
  constructor(
    private readonly args: SessionOptions,
    private readonly given: string | undefined,
    readonly output: Output,
    private readonly signal: AbortSignal,
  ) {}

  held(claim: string): void {
    this.output.print(`✓ ${claim}`);
  }

  /** Tenant files are read anew. */
  inSession<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    return withSession(this.args, this.output.report, work);
  }

  async up(session: Session): Promise<Deployed> {
    const { ok, failures, ...deployed } = await this.runUp(session);
    const reasons = failures.map(({ urn, message }) => `${nameOf(urn)}: ${message.trim()}`);
    expect(ok, "`up` failed", reasons);
    return deployed;
  }

  /** An `up` that has to fail. @returns What it says, and the names of what it has changed all the same. */
  async failingUp(session: Session): Promise<{ readonly said: string; readonly changes: string[] }> {
    const { ok, failures, steps } = await this.runUp(session);
    expect(!ok, "an `up` that has to fail does not", changesOf(steps));
    return { said: failures.map(({ message }) => message).join("\n"), changes: changesOf(steps) };
  }

  private runUp(session: Session): Promise<Up> {
    this.output.report("… up");
    return session.cli === undefined ? this.upByEngine(session) : upByCli(session.cli, this.signal);
  }

  /** An `up` that touches nothing but these tenants. */
  async upOf(session: Session, slugs: readonly string[]): Promise<Deployed> {
    const deployed = await this.up(session);
    const theirs = (name: string) => slugs.some((slug) => name === slug || name.startsWith(`${slug}-`));
    const others = changesOf(deployed.steps).filter((name) => !theirs(name));
    expect(others.length === 0, `an \`up\` for ${slugs.join(" and ")} touches others`, others);
    return deployed;
  }

  private async upByEngine(session: Session): Promise<Up> {
    const steps: Step[] = [];
    const observer = { done: (step: Step) => void steps.push(step) };
    const result = await up(session.engine(observer, this.signal)).catch((error: unknown) => {
      throw error instanceof InterruptedRun
        ? new StoryFailure(interruptedMessage(error.operations, this.args.stack, { ...this.args, tenants: this.given }))
        : error;
    });
    const root = result.state.resources.find(({ type }) => type === STACK_TYPE);
    return { ...result, steps, tenants: rows(root?.outputs?.tenants) };
  }
}

async function upByCli(stack: CliStack, signal: AbortSignal): Promise<Up> {
  const printed: string[] = [];
  const deployed = await stack.deploy("up", (line) => void printed.push(line), signal);
  if (!deployed.ok) return { ...deployed, failures: [{ urn: "", message: printed.join("\n") }], tenants: {} };
  const { tenants }: Props = JSON.parse(await stack.call(["stack", "output", "--json"]));
  return { ...deployed, tenants: rows(tenants) };
}

function rows(tenants: PropertyValue | undefined): Deployed["tenants"] {
  return isMap(tenants) ? (tenants as Record<string, TenantRow>) : {};
}

/** @throws StoryFailure with the claim and its details, a line each, unless the condition holds. */
export function expect(condition: boolean, claim: string, details: readonly string[]): void {
  if (!condition) throw new StoryFailure([claim, ...details.map((detail) => `    ${detail}`)].join("\n"));
}

/** Names of the resources that were not left as they were. */
export function changesOf(steps: Steps): string[] {
  return steps.filter(({ op }) => op !== "same").map(({ urn }) => nameOf(urn));
}

/** For example `97 same, 26 create`. */
export function summary(steps: Steps): string {
  const counts = new Map<StepOp, number>();
  for (const { op } of steps) counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts].map(([op, count]) => `${count} ${op}`).join(", ");
}
