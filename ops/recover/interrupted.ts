import type { ExportedOperation, ExportedResource } from "../stack/stack-access";
import { createdInDatabase } from "./created-in-database";
import type { Finding } from "./plan";
import { canBeRead, described, GATE_TYPE, isMadeOnce, ROLE_TYPE, SCHEMA_TYPE, tenantOf } from "./resource-names";
import type { World } from "./world";

/** What became of the operations that the state says were interrupted. */
export function interruptedFindings(operations: readonly ExportedOperation[], world: World): Finding[] {
  return latest(operations).flatMap((operation) => {
    const findings = findingsOf(operation, world);
    const { urn } = operation.resource;
    return findings.map((finding) => ({ tenant: tenantOf(urn), thing: described(operation.resource), ...finding }));
  });
}

/** A list that outlived several runs may name a resource more than once. What came last counts. */
function latest(operations: readonly ExportedOperation[]): readonly ExportedOperation[] {
  return [...new Map(operations.map((operation) => [operation.resource.urn, operation])).values()];
}

type Judged = Omit<Finding, "tenant" | "thing"> & { readonly thing?: string };

function findingsOf({ type, resource }: ExportedOperation, world: World): readonly Judged[] {
  switch (type) {
    case "creating":
      return creation(resource, world);
    case "updating":
      return [update(resource, world)];
    case "deleting":
      return [deletion(resource, world)];
    default:
      // Reading and importing change nothing outside the state.
      return [{ condition: "fine", plan: "was only being read" }];
  }
}

function creation(resource: ExportedResource, world: World): readonly Judged[] {
  if (!isMadeOnce(resource.type)) {
    return [{ condition: "half-made", plan: "the next `up` carries it out again, which comes out the same" }];
  }
  if (resource.type === ROLE_TYPE || resource.type === SCHEMA_TYPE) return [createdInDatabase(resource, world)];
  const ids = world.inAws.get(resource.urn) ?? [];
  const [id, ...others] = ids.filter((found) => !isKnownAtAll(world, resource.type, found));
  if (id === undefined) {
    return ids.length > 0
      ? [{ condition: "fine", plan: "the state has it" }]
      : [{ condition: "nothing left", plan: "the next `up` makes it" }];
  }
  const taken: Judged = {
    thing: `${described(resource)}${id.startsWith("/") ? "" : ` (${id})`}`,
    condition: "unknown to the state",
    plan: "is taken into the state",
    repair: { kind: "take in", resource, id, holdsData: false },
  };
  return [taken, ...others.map((other) => surplus(resource, other))];
}

/** Several runs died at the same: the state can have one. What the others are used for cannot be seen from here. */
function surplus(resource: ExportedResource, id: string): Judged {
  return {
    thing: `${described(resource)} (${id})`,
    condition: "unknown to the state",
    plan: `is one too many: if nobody uses it, delete ${id} by hand`,
    open: true,
  };
}

function update(resource: ExportedResource, world: World): Judged {
  const plan = "the next `up` carries the change out again";
  if (!canBeRead(resource.type) || !inState(resource, world)) return { condition: "half-made", plan };
  return { condition: "half-made", plan: `is read again; ${plan}`, repair: { kind: "read again", urn: resource.urn } };
}

function deletion(resource: ExportedResource, world: World): Judged {
  const goesOn = "the next `up` or `destroy` goes on with its removal, or keeps it if its tenant is declared";
  if (resource.type === GATE_TYPE) {
    return { condition: "half-made", plan: "stands: a removal begins again, with a backup of its own" };
  }
  if (!canBeRead(resource.type) || !inState(resource, world)) return { condition: "half-made", plan: goesOn };
  const repair = { kind: "read again", urn: resource.urn } as const;
  return isThere(resource, world)
    ? { condition: "half-made", plan: `is read again; ${goesOn}`, repair }
    : { condition: "nothing left", plan: "is taken out of the state", repair };
}

/** What is in AWS is known when it is read again. */
function isThere({ type, inputs }: ExportedResource, { roles, schemas }: World): boolean {
  if (type === ROLE_TYPE) return roles.has(String(inputs?.name));
  if (type === SCHEMA_TYPE) return schemas.has(String(inputs?.name));
  return true;
}

/** As itself, and not as what a replacement has left to be deleted: that is deleted by the next `up` in any case. */
function inState({ urn }: ExportedResource, { resources }: World): boolean {
  return resources.some((resource) => resource.urn === urn && !resource.delete);
}

/** To be deleted or not. */
function isKnownAtAll({ resources }: World, type: string, id: string): boolean {
  return resources.some((resource) => resource.type === type && resource.id === id);
}
