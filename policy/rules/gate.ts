import type { PolicyResource } from "@pulumi/policy";
import { stackPolicy } from "../define-policy";
import { forMessage } from "../reading/message";
import { isLeftOut, TENANT_TYPE, tenantAbove } from "../reading/resource";
import { GATE, SCHEMA } from "../reading/resource-types";

/** How many resources a message names. */
const MAX_NAMED = 3;

/**
 * A resource is deleted before what it depends on. So a gate that depends on everything else of its tenant is deleted first, and when
 * it refuses, nothing is deleted. No property's value is read, so that a preview can tell all of this.
 */
export const everyTenantHasAGate = stackPolicy(
  "every-tenant-has-a-gate",
  "No tenant can be removed before its gate has let it go.",
  (tenant, all) => {
    if (tenant.type !== TENANT_TYPE) return [];
    const violation = violationOf(tenant, all);
    return violation === undefined ? [] : [`Tenant ${forMessage(tenant.name)} ${violation}`];
  },
);

function violationOf(tenant: PolicyResource, all: readonly PolicyResource[]): string | undefined {
  const [gate, ...more] = all.filter(({ type, parent }) => type === GATE && parent === tenant);
  if (!gate) return "has no OffboardingGate as its child: its data would be dropped without a backup. Give it one.";
  if (more.length > 0) return `has ${more.length + 1} OffboardingGates as its children. It has to have exactly one.`;

  const own = all.filter((resource) => tenantAbove(resource) === tenant);
  const awaited = dependenciesOf(gate);
  const unguarded = own.filter((resource) => resource !== gate && isReal(resource) && !awaited.has(resource));
  if (unguarded.length > 0) {
    const names = unguarded.slice(0, MAX_NAMED).map(({ name }) => forMessage(name));
    const others = unguarded.length > MAX_NAMED ? ` and ${unguarded.length - MAX_NAMED} more` : "";
    const [these, them] = unguarded.length > 1 ? ["these", "them"] : ["this", "it"];
    return (
      `has a gate that does not depend on ${names.join(", ")}${others}: ` +
      `${these} can be deleted before it. Add ${them} to its dependsOn.`
    );
  }
  // When a schema is replaced, only what has a property made from the schema is deleted before it.
  const sources = gate.propertyDependencies.schema ?? [];
  return isLeftOut(gate.props) || own.every((resource) => resource.type !== SCHEMA || sources.includes(resource))
    ? undefined
    : "has a gate that would not be deleted before its schema is replaced. Make the gate's `schema` from the Schema's own name.";
}

/** Everything that a resource depends on, directly or not. */
function dependenciesOf(resource: PolicyResource): ReadonlySet<PolicyResource> {
  const found = new Set<PolicyResource>();
  const open = [resource];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const dependency of next.dependencies) {
      if (found.has(dependency)) continue;
      found.add(dependency);
      open.push(dependency);
    }
  }
  return found;
}

/** Components, and the settings of plugins, are nothing that could be lost. */
function isReal({ type }: PolicyResource): boolean {
  return !type.startsWith("b2b:") && !type.startsWith("pulumi:providers:");
}
