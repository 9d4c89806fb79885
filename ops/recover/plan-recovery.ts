import type { ExportedResource, StackExport } from "../stack/stack-access";
import { interruptedFindings } from "./interrupted";
import { leftBehindFindings } from "./left-behind";
import type { Finding, Plan } from "./plan";
import { isUnread } from "./repaired-state";
import { described, tenantOf } from "./resource-names";
import type { World } from "./world";

/** What is to be done about a stack, from what its state says and what was found. */
export function planRecovery({ deployment }: StackExport, world: World): Plan {
  const { pending_operations: interrupted = [] } = deployment;
  const listed = interrupted.map(({ resource }) => resource);
  const findings = [
    ...interruptedFindings(interrupted, world),
    ...world.resources.filter(isUnread).map(unreadFinding),
    ...leftBehindFindings(world, listed),
  ];
  return { interrupted, findings: [...findings, ...remainders(findings, world.resources, listed)] };
}

/** An earlier `recover` has died between noting that a resource is to be read again and reading it. */
function unreadFinding(resource: ExportedResource): Finding {
  return {
    tenant: tenantOf(resource.urn),
    thing: described(resource),
    condition: "half-made",
    plan: "is read again",
    repair: { kind: "read again", urn: resource.urn },
  };
}

/** A line for what else there is of each tenant that something was found of. */
function remainders(
  findings: readonly Finding[],
  resources: readonly ExportedResource[],
  listed: readonly ExportedResource[],
): Finding[] {
  const touched = new Set(listed.map(({ urn }) => urn));
  const tenants = new Set(findings.map(({ tenant }) => tenant));
  return [...tenants].flatMap((tenant): Finding[] => {
    const others = resources.filter(
      ({ custom, urn }) => custom && tenant !== undefined && tenantOf(urn) === tenant && !touched.has(urn),
    );
    if (others.length === 0) return [];
    return [{ tenant, thing: `${others.length} other resources`, condition: "fine", plan: "were not interrupted" }];
  });
}
