import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation";
import type { Failure } from "../engine/run";
import type { Step, StepOp } from "../engine/step";
import { isProviderType, typeOf, type Urn } from "../engine/urn";

/** What a deployment by the CLI came to, as its log of events tells it. */
export interface Deployed {
  readonly ok: boolean;
  /** Every step that was carried out, by Pulumi's names, for example `create`; steps of a preview are none. */
  readonly steps: readonly Pick<Step, "op" | "urn">[];
  readonly failures: readonly Failure[];
  /** Number of policies that were asked. */
  readonly policies: number;
}

/** What the CLI tells besides, in spite of its type. */
type Event = EngineEvent & {
  readonly policyAnalyzeSummaryEvent?: PolicySummary;
  readonly policyAnalyzeStackSummaryEvent?: PolicySummary;
};

interface PolicySummary {
  readonly passed?: readonly string[];
  readonly failed?: readonly string[];
}

/** The engine's colours: `<{%reset%}>`. */
const COLOURS = /<\{%[^%]*%\}>/g;

/** @param log A JSON object a line. */
export function deployedBy(log: string, ok: boolean): Deployed {
  const events: Event[] = log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  const policies = events.flatMap(({ policyAnalyzeSummaryEvent: resource, policyAnalyzeStackSummaryEvent: stack }) =>
    [resource, stack].flatMap((summary) => [...(summary?.passed ?? []), ...(summary?.failed ?? [])]),
  );
  return {
    ok,
    steps: events.flatMap(({ resOutputsEvent: event }) =>
      event === undefined || event.planning || isDefaultProvider(event.metadata)
        ? []
        : [{ op: event.metadata.op as StepOp, urn: event.metadata.urn }],
    ),
    failures: events.flatMap(({ diagnosticEvent: event }) =>
      event?.severity === "error"
        ? [{ urn: (event.urn ?? "") as Urn, message: event.message.replace(COLOURS, "") }]
        : [],
    ),
    policies: new Set(policies).size,
  };
}

/** The engine makes those itself, and shows them to nobody. */
function isDefaultProvider({ urn, ...states }: StepEventMetadata): boolean {
  return isProviderType(typeOf(urn)) && !(states.new ?? states.old)?.parent;
}
