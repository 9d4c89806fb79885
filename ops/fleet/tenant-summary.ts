/** What became of each tenant in an `up` or a `destroy`, whatever engine carried it out. */
import { counted } from "../../domain/counted";
import { printableLines } from "../../domain/printable";
import { TENANT_TYPE } from "../../domain/resource-types";
import { parseUrn, slugOf } from "../../domain/urn";

/** What became of one resource. */
export interface ResourceOutcome {
  readonly urn: string;
  /** The step's name in Pulumi's events, for example `create` or `same`; empty where it is not known. */
  readonly op: string;
  /** "skipped": not begun, since something that it depends on failed. Pulumi's CLI tells nothing of these. */
  readonly status: "done" | "failed" | "skipped";
  /** Why it failed, and what to do. */
  readonly message?: string | undefined;
}

export interface TenantOutcome {
  /** Undefined for what all tenants share. */
  readonly slug: string | undefined;
  readonly result: "made" | "changed" | "removed" | "unchanged" | "failed" | "skipped";
  /** Why it failed: the resource's name, and what was said of it. */
  readonly failures: readonly { readonly name: string; readonly message: string }[];
}

/**
 * One outcome a tenant, by slug, what all share first.
 *
 * @param declared Slugs of the tenants that the stack declares: one that nothing is told of was skipped.
 */
export function tenantOutcomes(
  outcomes: readonly ResourceOutcome[],
  declared: readonly string[] = [],
): readonly TenantOutcome[] {
  const bySlug = new Map<string, ResourceOutcome[]>();
  for (const outcome of outcomes) {
    const resource = parseUrn(outcome.urn);
    const slug = (resource && slugOf(resource)) ?? SHARED;
    bySlug.set(slug, [...(bySlug.get(slug) ?? []), outcome]);
  }
  const untold = declared.filter((slug) => !bySlug.has(slug)).map((slug) => [slug, undefined] as const);
  return [...bySlug, ...untold]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([slug, told]) => ({
      slug: slug === SHARED ? undefined : slug,
      result: told === undefined ? "skipped" : resultOf(told),
      failures: (told ?? []).filter(({ status }) => status === "failed").map(failureOf),
    }));
}

/** No slug is empty, and it comes before all of them. */
const SHARED = "";

function resultOf(told: readonly ResourceOutcome[]): TenantOutcome["result"] {
  if (told.some(({ status }) => status === "failed")) return "failed";
  if (told.some(({ status }) => status === "skipped")) return "skipped";
  const itself = told.find(({ urn }) => parseUrn(urn)?.type === TENANT_TYPE)?.op;
  if (itself === "create") return "made";
  if (itself === "delete") return "removed";
  return told.every(({ op }) => op === "same") ? "unchanged" : "changed";
}

function failureOf({ urn, message = "it failed" }: ResourceOutcome): TenantOutcome["failures"][number] {
  return { name: parseUrn(urn)?.name ?? "the run", message: message.trim() };
}

/** In this order, which puts what needs somebody last: there a terminal ends. */
const RESULTS: readonly TenantOutcome["result"][] = ["unchanged", "made", "changed", "removed", "skipped", "failed"];

/** The outcomes for people, a line each: how many tenants came to what, and of those that failed or were skipped which and why. */
export function summaryLines(outcomes: readonly TenantOutcome[]): readonly string[] {
  const counts = countsText(outcomes);
  return [
    ...(counts === "" ? [] : [counts]),
    ...failureLines(outcomes),
    ...(outcomes.every(({ failures }) => failures.length === 0)
      ? []
      : ["Put right what failed, and run the same command again: it does what was not done."]),
  ];
}

/** For example `3 tenants: 2 unchanged, 1 made`; empty where there is no tenant. */
export function countsText(outcomes: readonly TenantOutcome[]): string {
  const tenants = outcomes.filter(({ slug }) => slug !== undefined);
  const counts = RESULTS.flatMap((result) => {
    const number = tenants.filter((tenant) => tenant.result === result).length;
    return number === 0 ? [] : [`${number} ${result}`];
  });
  return tenants.length === 0 ? "" : `${counted(tenants.length, "tenant")}: ${counts.join(", ")}`;
}

/** Which tenants were skipped, and which failed and why. */
export function failureLines(outcomes: readonly TenantOutcome[]): readonly string[] {
  const skipped = outcomes.flatMap(({ slug, result }) => (slug !== undefined && result === "skipped" ? [slug] : []));
  return [
    ...(skipped.length === 0 ? [] : [`skipped, since something that all share failed: ${skipped.join(", ")}`]),
    ...outcomes.flatMap(({ slug, failures }) =>
      failures.flatMap(({ name, message }) => indented(`${slug ?? "shared"} failed: ${name}: ${message}`)),
    ),
  ];
}

function indented(text: string): string[] {
  const [first = "", ...rest] = printableLines(text).split("\n");
  return [first, ...rest.map((line) => `  ${line}`)];
}
