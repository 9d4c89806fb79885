import type { PolicyResource, StackValidationPolicy } from "@pulumi/policy";
import { isLeftOut } from "../reading/left-out";
import { SCHEMA } from "../reading/postgresql-types";
import { shown } from "../reading/shown";
import { TENANT_TYPE } from "../reading/tenant-of";
import { tenantAbove } from "../reading/tenant-tree";

const GATE_TYPE = "pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate";

/** Of these a message names some; the first few tell what it is about. */
const NAMED = 3;

/**
 * A resource is deleted before what it depends on. So a gate that depends on everything else of its tenant is deleted first, and when
 * it refuses, nothing is. No property's value is read: a stack's policy that meets one which is not known yet is not asked at all.
 */
export const everyTenantHasAGate: StackValidationPolicy = {
  name: "every-tenant-has-a-gate",
  description: "No tenant can be removed before its gate has let it go.",
  enforcementLevel: "mandatory",
  validateStack: ({ resources }, report) => {
    for (const tenant of resources.filter(({ type }) => type === TENANT_TYPE)) {
      const violation = faultOf(tenant, resources);
      if (violation) report(`Tenant ${shown(tenant.name)} ${violation}`, tenant.urn);
    }
  },
};

function faultOf(tenant: PolicyResource, resources: readonly PolicyResource[]): string | undefined {
  const [gate, ...more] = resources.filter(({ type, parent }) => type === GATE_TYPE && parent === tenant);
  if (!gate) return "has no OffboardingGate as its child: its data would be dropped without a backup. Give it one.";
  if (more.length > 0) return `has ${more.length + 1} OffboardingGates as its children. It has to have exactly one.`;

  const awaited = dependenciesOf(gate);
  const unguarded = resources.filter(
    (resource) => resource !== gate && tenantAbove(resource) === tenant && isReal(resource) && !awaited.has(resource),
  );
  if (unguarded.length === 0) return faultOfReplacement(tenant, gate, resources);
  const names = unguarded.slice(0, NAMED).map(({ name }) => shown(name));
  const others = unguarded.length > NAMED ? ` and ${unguarded.length - NAMED} more` : "";
  const [these, them] = unguarded.length > 1 ? ["these", "them"] : ["this", "it"];
  return (
    `has a gate that does not depend on ${names.join(", ")}${others}: ` +
    `${these} can be deleted before it. Add ${them} to its dependsOn.`
  );
}

/** When a schema is replaced, of what depends on it only that is deleted before it whose own properties are made from it. */
function faultOfReplacement(
  tenant: PolicyResource,
  gate: PolicyResource,
  resources: readonly PolicyResource[],
): string | undefined {
  if (isLeftOut(gate.props)) return undefined;
  const sources = gate.propertyDependencies.schema ?? [];
  const loose = resources.filter(
    (resource) => resource.type === SCHEMA && tenantAbove(resource) === tenant && !sources.includes(resource),
  );
  return loose.length === 0
    ? undefined
    : "has a gate that a replacement of its schema would pass by. Make the gate's `schema` from the Schema's own name.";
}

/** Everything that a resource depends on, at any distance. */
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

/** The program's own components, and the plugins' settings, are nothing that could be lost. */
function isReal({ type }: PolicyResource): boolean {
  return !type.startsWith("b2b-tenants:") && !type.startsWith("pulumi:providers:");
}
