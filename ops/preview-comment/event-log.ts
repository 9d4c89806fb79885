import { z } from "zod";
import { UsageError } from "../../domain/usage-error";
import type { Diagnostic } from "./preview-digest";

/** What a policy objects to in a resource. */
export interface PolicyViolation {
  readonly policy: string;
  /** URN of the resource, or of the stack. */
  readonly urn: string;
  /** What the policy is for, in its own words; may be empty. */
  readonly description: string;
  /** What it found. */
  readonly message: string;
  /** An advisory violation stops no deployment. */
  readonly isMandatory: boolean;
}

/** The part of a line of an event log that describes a violation. */
const lineSchema = z.object({
  policyEvent: z.object({
    resourceUrn: z.string().default(""),
    message: z.string(),
    policyName: z.string(),
    enforcementLevel: z.string(),
  }),
});

type PolicyLine = z.output<typeof lineSchema>;

/**
 * What policies have found, from the log that `pulumi preview --event-log` writes: lines of JSON, the last of which may be cut off.
 * Other events, which hold the states of resources, are skipped.
 *
 * @param source How the log is named in errors.
 * @throws UsageError for a text that has no event in it, and is not empty.
 */
export function violationsIn(text: string, source: string): PolicyViolation[] {
  return policyLines(text, source).map(({ policyEvent: { policyName, resourceUrn, message, enforcementLevel } }) =>
    violation(policyName, resourceUrn, message, enforcementLevel !== "advisory"),
  );
}

/** The same log, reduced to what `violationsIn` reads. Empty, or ends in a line break. */
export function policyEventsOf(text: string, source: string): string {
  return policyLines(text, source)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join("");
}

function policyLines(text: string, source: string): PolicyLine[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  // Without this, any other file would look like a log without violations.
  if (lines.length > 0 && !lines.some((line) => line.startsWith('{"'))) {
    throw new UsageError(
      `${source} is no event log: \`pulumi preview --event-log\` writes a line of JSON for each event`,
    );
  }
  return lines.flatMap((line) => {
    const { success, data } = lineSchema.safeParse(parsed(line));
    return success ? [data] : [];
  });
}

function parsed(line: string): unknown {
  // Most of the log are states, which take long to parse.
  if (!line.includes('"policyEvent"')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** How a rehearsal's preview reports a violation among its other diagnostics. The CLI's preview does not report any. */
const IN_DIAGNOSTIC = /^(?:error: |warning: )?policy (?:[^\s/]+\/)?(\S+) is violated: (.*)$/s;

/** Separates violations from other diagnostics, and adds those of an event log; one that both report is kept once. */
export function withViolations(
  diagnostics: readonly Diagnostic[],
  logged: readonly PolicyViolation[],
): { readonly diagnostics: readonly Diagnostic[]; readonly violations: readonly PolicyViolation[] } {
  const others: Diagnostic[] = [];
  const violations = [...logged];
  for (const diagnostic of diagnostics) {
    const [, policy, text] = IN_DIAGNOSTIC.exec(diagnostic.message) ?? [];
    if (policy === undefined || text === undefined) others.push(diagnostic);
    else violations.push(violation(policy, diagnostic.urn ?? "", text, diagnostic.severity === "error"));
  }
  const once = new Map(violations.map((one) => [JSON.stringify([one.policy, one.urn, one.message]), one]));
  return { diagnostics: others, violations: [...once.values()] };
}

/** @param text The description, a line break, and what was found; for a policy without a description only what was found. */
export function violation(policy: string, urn: string, text: string, isMandatory: boolean): PolicyViolation {
  const [first = "", ...rest] = text.trim().split(/\r?\n/);
  const message = rest.join("\n").trim();
  return { policy, urn, description: message === "" ? "" : first, message: message || first, isMandatory };
}
