import type { EngineEvent } from "@pulumi/pulumi/automation";
import { printableLines } from "../../domain/printable";
import type { DeploymentEvent, StepEvent } from "./stack-deployer";

/** What the CLI says at the end of every failed run; its reasons are told besides. */
const NO_REASON = /^(update|preview|destroy) failed$/;

/** The engine's colours: `<{%reset%}>`. */
const COLOURS = /<\{%[^%]*%\}>/g;

/** What one of the CLI's engine events tells of a deployment. */
export function deploymentEvents(event: EngineEvent): DeploymentEvent[] {
  const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, policyEvent } = event;
  if (resourcePreEvent) return [step(resourcePreEvent.metadata, "begun")];
  if (resOutputsEvent) return [step(resOutputsEvent.metadata, "done")];
  if (resOpFailedEvent) return [step(resOpFailedEvent.metadata, "failed")];
  if (diagnosticEvent) {
    const { urn = "", message, severity, ephemeral } = diagnosticEvent;
    const text = plain(message);
    // What the CLI sends besides, in spite of its type: every call of the SDK, as "debug".
    if (ephemeral && severity === "info") return [{ kind: "status", text }];
    if (severity !== "error" && severity !== "warning") return [];
    if (ephemeral || text === "" || NO_REASON.test(text)) return [];
    return [{ kind: "message", severity, urn, text }];
  }
  if (policyEvent) {
    const { resourceUrn = "", message, policyName, enforcementLevel } = policyEvent;
    const severity = enforcementLevel === "mandatory" ? "error" : "warning";
    return [{ kind: "message", severity, urn: resourceUrn, text: `policy ${policyName}: ${plain(message)}` }];
  }
  return [];
}

function step({ op, urn }: { readonly op: string; readonly urn: string }, status: StepEvent["status"]): StepEvent {
  return { kind: "step", urn, op, status };
}

function plain(message: string): string {
  return printableLines(message.replace(COLOURS, "")).trim();
}
