import type { Diagnostic } from "./preview-digest";

/** What a policy has against a resource. */
export interface PolicyViolation {
  readonly policy: string;
  /** Of the resource, or of the stack. */
  readonly urn: string;
  /** What the policy is for, in its own words; may be empty. */
  readonly description: string;
  /** What it found. */
  readonly message: string;
  /** An advisory one stops no deployment. */
  readonly isMandatory: boolean;
}

/** How a rehearsal's preview tells of a violation, among its other diagnostics. The CLI's says nothing of it. */
const IN_DIAGNOSTIC = /^(?:error: |warning: )?policy (?:[^\s/]+\/)?(\S+) is violated: (.*)$/s;

/** Takes the violations from among the diagnostics, and adds those of an event log; what both tell of is told once. */
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

/** @param text The description, a line break, and what was found; a policy without a description has the latter alone. */
export function violation(policy: string, urn: string, text: string, isMandatory: boolean): PolicyViolation {
  const [first = "", ...rest] = text.trim().split(/\r?\n/);
  const message = rest.join("\n").trim();
  return { policy, urn, description: message === "" ? "" : first, message: message || first, isMandatory };
}
