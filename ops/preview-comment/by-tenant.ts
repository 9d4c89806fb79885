import { STACK_TYPE, TENANT_TYPE } from "../../domain/resource-types";
import { parseUrn, type ResourceUrn, slugOf } from "../../domain/urn";
import { GATE, isDestructive } from "./ending";
import { type PolicyViolation, withViolations } from "./event-log";
import type { Diagnostic, PreviewDigest } from "./preview-digest";
import { type Refusal, withRefusals } from "./refusals";
import { type ResourceChange, resourceChanges, withServerReplaced } from "./resource-change";

export type TenantFate = "onboarded" | "changed" | "replaced" | "offboarded";

/** What a preview says of one tenant that it touches. */
export interface TenantChange {
  readonly slug: string;
  /** "replaced": the tenant stays, and its server, schema or login role does not. */
  readonly fate: TenantFate;
  /** Components are left out: their parts are listed. */
  readonly changes: readonly ResourceChange[];
  /** What the gate of an offboarded tenant has on record. */
  readonly gate: Gate | undefined;
}

/** What happens before a tenant is removed. What counts is what the last `up` recorded in the gate, not what the file says now. */
export interface Gate {
  /** Undefined when the preview does not say. */
  readonly backup: boolean | undefined;
  readonly destination: string | undefined;
}

export interface StackPreview {
  readonly stack: string;
  /** By slug. */
  readonly tenants: readonly TenantChange[];
  /** Resources of no tenant: the shared database, the alarms, the provider. */
  readonly platform: readonly ResourceChange[];
  /** Slugs of the tenants that the preview leaves alone; undefined when it does not say which tenants the stack has. */
  readonly unchanged: readonly string[] | undefined;
  readonly unchangedResources: number;
  /** Tenants that will be refused, by slug. */
  readonly refusals: readonly Refusal[];
  /** Refusals and violations are left out. */
  readonly diagnostics: readonly Diagnostic[];
  readonly violations: readonly PolicyViolation[];
}

const COMPONENT = /^b2b:index:/;

/**
 * Sorts what a digest lists by tenant.
 *
 * @param logged Violations from the event log of the same preview; the digest does not have them.
 */
export function byTenant(stack: string, digest: PreviewDigest, logged: readonly PolicyViolation[] = []): StackPreview {
  const steps = (digest.steps ?? []).map((step) => ({
    ...step,
    resource: parseUrn(step.urn) ?? unnamed(stack, step.urn),
  }));
  const own = new Map<string, ResourceChange[]>();
  const platform: ResourceChange[] = [];
  for (const { resource, change } of resourceChanges(steps)) {
    const slug = slugOf(resource);
    if (slug !== undefined) own.set(slug, [...(own.get(slug) ?? []), change]);
    else if (resource.type !== STACK_TYPE) platform.push(change);
  }
  const tenants = [...own].map(([slug, changes]) => tenantChange(slug, changes));
  const { refusals, diagnostics } = withRefusals(digest.diagnostics ?? []);
  const root = steps.find(({ resource }) => resource.type === STACK_TYPE);
  return {
    stack,
    tenants: tenants.sort((a, b) => (a.slug < b.slug ? -1 : 1)),
    platform: platform.filter(({ type }) => !COMPONENT.test(type)),
    unchanged: tenantsOnRecord(root?.oldState?.outputs)?.filter((slug) => !own.has(slug)),
    unchangedResources: digest.changeSummary?.same ?? 0,
    refusals,
    ...withViolations(diagnostics, logged),
  };
}

/** The stack that a digest belongs to, by its resources; undefined when it names none. */
export function stackOf({ steps, diagnostics }: PreviewDigest): string | undefined {
  const urns = [...(steps ?? []).map(({ urn }) => urn), ...(diagnostics ?? []).map(({ urn }) => urn ?? "")];
  for (const urn of urns) {
    const stack = parseUrn(urn)?.stack;
    if (stack !== undefined) return stack;
  }
  return undefined;
}

/** A resource whose URN cannot be read is shown all the same, since it may be a deletion. */
function unnamed(stack: string, text: string): ResourceUrn {
  return { stack, project: "", within: [], type: "", name: text };
}

function tenantChange(slug: string, all: readonly ResourceChange[]): TenantChange {
  const itself = all.find(({ type }) => type === TENANT_TYPE)?.kind;
  const parts = all.filter(({ type }) => !COMPONENT.test(type));
  if (itself === "create") return { slug, fate: "onboarded", changes: parts, gate: undefined };
  if (itself === "delete") {
    const gate = parts.find(({ type, kind, leftOver }) => GATE.test(type) && kind === "delete" && !leftOver);
    return { slug, fate: "offboarded", changes: parts, gate: gate && gateOf(gate) };
  }
  const changes = withServerReplaced(parts);
  return { slug, fate: changes.some(isDestructive) ? "replaced" : "changed", changes, gate: undefined };
}

function gateOf({ before: { backup, destination } }: ResourceChange): Gate {
  return {
    backup: typeof backup === "boolean" ? backup : undefined,
    destination: typeof destination === "string" ? destination : undefined,
  };
}

/** The keys of the stack's output `tenants`, as the last deployment left it. */
function tenantsOnRecord(outputs: Readonly<Record<string, unknown>> | null | undefined): string[] | undefined {
  const tenants = outputs?.tenants;
  return typeof tenants === "object" && tenants !== null ? Object.keys(tenants).sort() : undefined;
}
