import { counted } from "../../domain/counted";
import { parseUrn, slugOf } from "../../domain/urn";
import { alert, code, codeBlock } from "../ci/markdown";
import { isPast, type Section } from "./limit";
import { beginning, oneLine, plainMessage, slugList } from "./messages";
import type { Diagnostic } from "./preview-digest";

/** A tenant that the deployment will make nothing of. */
export interface Refusal {
  readonly slug: string;
  /** Why, and what to do. */
  readonly reason: string;
}

/** What a schema guard warns of in a preview, since one that failed would hold up all other tenants. */
const REFUSED = /^(?:warning: )?will be refused: (.*)$/s;
const SCHEMA_GUARD = /:SchemaGuard$/;

/** Separates what schema guards refuse from other diagnostics. */
export function withRefusals(diagnostics: readonly Diagnostic[]): {
  readonly diagnostics: readonly Diagnostic[];
  readonly refusals: readonly Refusal[];
} {
  const refusals = new Map<string, Refusal>();
  const others = diagnostics.filter(({ urn, message }) => {
    const resource = parseUrn(urn ?? "");
    const [, reason] = REFUSED.exec(plainMessage(message)) ?? [];
    if (resource === undefined || reason === undefined || !SCHEMA_GUARD.test(resource.type)) return true;
    const slug = slugOf(resource) ?? resource.name;
    refusals.set(slug, { slug, reason });
    return false;
  });
  return { diagnostics: others, refusals: [...refusals.values()].sort((a, b) => (a.slug < b.slug ? -1 : 1)) };
}

/**
 * The box that says how many tenants will be refused, and below it which and why. Empty when none will be.
 *
 * @param stack Named where it is one of several.
 */
export function refusalSections(refusals: readonly Refusal[], stack: string | undefined): Section[] {
  if (refusals.length === 0) return [];
  const of = stack === undefined ? "" : ` of ${code(stack)}`;
  const box = `**${counted(refusals.length, "tenant")}${of} will be refused.** No role, schema or server is made for ${refusals.length === 1 ? "it" : "them"}; the other tenants are deployed.`;
  const whole = refusals.map(
    ({ slug, reason }) => `- ${code(beginning(slug))}:\n\n${codeBlock(beginning(reason), "  ")}`,
  );
  const inShort = refusals.map(({ slug, reason }) => `- ${code(beginning(slug))}: ${code(firstLine(reason))}`);
  return [
    { at: () => alert("CAUTION", box) },
    {
      of: [refusals.length, "refused tenant", "refused tenants"],
      at: (level) =>
        isPast(level, "errors counted")
          ? slugList(refusals.map(({ slug }) => slug))
          : (isPast(level, "few errors") ? inShort : whole).join("\n"),
    },
  ];
}

function firstLine(reason: string): string {
  const [first = "", ...more] = reason.trim().split("\n");
  return `${oneLine(first)}${more.length > 0 ? " …" : ""}`;
}
