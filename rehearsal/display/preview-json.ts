import { STACK_TYPE } from "../../domain/resource-types";
import type { StackConfig } from "../engine/providers";
import type { DeploymentObserver, Severity, Step, StepOp } from "../engine/step";
import { createUrn, typeOf, type Urn } from "../engine/urn";
import type { Props } from "../protocol/property-values";
import type { StackFile } from "../session/stack-config";
import { isDefaultProvider } from "./progress";
import { maskedState, SECRET_TEXT } from "./values";

interface PreviewStep {
  readonly op: StepOp;
  readonly urn: Urn;
  readonly provider?: string;
  readonly oldState?: Props;
  readonly newState?: Props;
  readonly diffReasons?: readonly string[];
  readonly replaceReasons?: readonly string[];
  readonly detailedDiff: Step["detailedDiff"] | null;
}

interface PreviewDiagnostic {
  readonly urn?: Urn;
  readonly message: string;
  readonly severity: Severity;
}

/** Collects a preview and gives it in the format of `pulumi preview --json`. */
export class PreviewDigest implements DeploymentObserver {
  private readonly steps: PreviewStep[] = [];
  private readonly diagnostics: PreviewDiagnostic[] = [];
  private readonly counts = new Map<StepOp, number>();
  private readonly began = process.hrtime.bigint();

  planned(step: Step): void {
    // The halves of a replacement are physical steps; the CLI's digest has the logical one.
    if (isDefaultProvider(step) || step.op === "create-replacement" || step.op === "delete-replaced") return;
    this.counts.set(step.op, (this.counts.get(step.op) ?? 0) + 1);
    if (step.op === "same" && typeOf(step.urn) !== STACK_TYPE) return;
    const provider = (step.next ?? step.old)?.provider;
    this.steps.push({
      op: step.op,
      urn: step.urn,
      ...(provider === undefined ? {} : { provider }),
      ...(step.old === undefined ? {} : { oldState: maskedState(step.old) }),
      ...(step.next === undefined ? {} : { newState: maskedState(step.next) }),
      ...(step.diffReasons === undefined || step.diffReasons.length === 0 ? {} : { diffReasons: step.diffReasons }),
      ...(step.replaceReasons === undefined ? {} : { replaceReasons: step.replaceReasons }),
      detailedDiff: step.detailedDiff ?? null,
    });
  }

  failed(urn: Urn, message: string): void {
    this.diagnostics.push({ ...(urn === "" ? {} : { urn }), message, severity: "error" });
  }

  diagnostic(severity: Severity, message: string, urn: Urn): void {
    this.diagnostics.push({ ...(urn === "" ? {} : { urn }), message, severity });
  }

  /** `duration` is in nanoseconds. */
  digest(config: StackConfig): object {
    const secret = new Set(config.secretKeys);
    const values = Object.entries(config.values).map(([key, value]) => [key, secret.has(key) ? SECRET_TEXT : value]);
    return {
      config: Object.fromEntries(values),
      steps: this.steps,
      diagnostics: this.diagnostics,
      duration: Number(process.hrtime.bigint() - this.began),
      changeSummary: Object.fromEntries([...this.counts].sort(([left], [right]) => (left < right ? -1 : 1))),
    };
  }
}

/** The same of a program that its tenant files or settings keep from declaring anything: it logs what is wrong with them. */
export function refusedPreview(project: string, stack: string, file: StackFile, message: string): object {
  const digest = new PreviewDigest();
  digest.diagnostic("error", message, createUrn(stack, project, "", STACK_TYPE, `${project}-${stack}`));
  return digest.digest(shownConfig(file));
}

/** By its name, whether or not the file has it encrypted: one in clear may be the very error. */
const SECRET_KEY = /password|secret|token/i;

/** The settings as the stack's file has them. */
function shownConfig({ values }: StackFile): StackConfig {
  const isEncrypted = (value: unknown) => typeof value === "object" && value !== null && "secure" in value;
  const text = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));
  const entries = Object.entries(values);
  return {
    values: Object.fromEntries(entries.map(([key, value]) => [key, text(value)])),
    secretKeys: entries.filter(([key, value]) => SECRET_KEY.test(key) || isEncrypted(value)).map(([key]) => key),
  };
}
