import type { PropertyMap } from "../engine/property-values";
import type { StackConfig } from "../engine/providers";
import type { DeploymentObserver, Severity, Step, StepOp } from "../engine/step";
import { typeOf, type Urn } from "../engine/urn";
import { maskedState, SECRET_TEXT } from "./masked";
import { isDefaultProvider } from "./progress";

interface PreviewStep {
  readonly op: StepOp;
  readonly urn: Urn;
  readonly provider?: string;
  readonly oldState?: PropertyMap;
  readonly newState?: PropertyMap;
  readonly diffReasons?: readonly string[];
  readonly replaceReasons?: readonly string[];
  readonly detailedDiff: Step["detailedDiff"] | null;
}

interface PreviewDiagnostic {
  readonly urn?: Urn;
  readonly message: string;
  readonly severity: Severity;
}

const STACK_TYPE = "pulumi:pulumi:Stack";

/** Collects a preview and gives it in the format of `pulumi preview --json`. */
export class PreviewDigest implements DeploymentObserver {
  private readonly steps: PreviewStep[] = [];
  private readonly diagnostics: PreviewDiagnostic[] = [];
  private readonly counts = new Map<StepOp, number>();
  private readonly began = process.hrtime.bigint();

  planned(step: Step): void {
    // The halves of a replacement are physical steps; the CLI's digest has the logical one.
    if (isDefaultProvider(step) || step.op === "create-replacement" || step.op === "delete-replaced") {
      return;
    }
    this.counts.set(step.op, (this.counts.get(step.op) ?? 0) + 1);
    if (step.op === "same" && typeOf(step.urn) !== STACK_TYPE) {
      return;
    }
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
    const shown = Object.entries(config.values).map(([key, value]) => [key, secret.has(key) ? SECRET_TEXT : value]);
    return {
      config: Object.fromEntries(shown),
      steps: this.steps,
      diagnostics: this.diagnostics,
      duration: Number(process.hrtime.bigint() - this.began),
      changeSummary: Object.fromEntries([...this.counts].sort(([left], [right]) => (left < right ? -1 : 1))),
    };
  }
}
