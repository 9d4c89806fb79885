import { roleName, schemaName } from "../../domain/names";
import { GATE_TYPE, ROLE_TYPE, SCHEMA_TYPE } from "../../domain/resource-types";
import type { ExportedOperation, ExportedResource } from "../stack/stack-access";
import type { Finding, TakeIn } from "./plan";
import { canBeRead, described, isMadeOnce, tenantOf } from "./resource-names";
import { isDeclared, isKnown, type RoleLimits, sameLimits, type World } from "./world";

/** What the operations that the state lists as interrupted have left. */
export function interruptedFindings(operations: readonly ExportedOperation[], world: World): Finding[] {
  return latest(operations).flatMap((operation) => {
    const findings = findingsOf(operation, world);
    const { urn } = operation.resource;
    return findings.map((finding) => ({ tenant: tenantOf(urn), thing: described(operation.resource), ...finding }));
  });
}

/** A list that outlived several runs may name a resource more than once: the last entry counts. */
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
    return [{ condition: "half-made", plan: "the next `up` does it again, with the same result" }];
  }
  if (resource.type === ROLE_TYPE || resource.type === SCHEMA_TYPE) return [createdInDatabase(resource, world)];
  const ids = world.inAws.get(resource.urn) ?? [];
  const [id, ...others] = ids.filter((found) => !isKnownAtAll(world, resource.type, found));
  if (id === undefined) {
    return ids.length > 0
      ? [{ condition: "fine", plan: "the state has it" }]
      : [{ condition: "nothing left", plan: "the next `up` creates it" }];
  }
  const taken: Judged = {
    thing: `${described(resource)}${id.startsWith("/") ? "" : ` (${id})`}`,
    condition: "unknown to the state",
    plan: "will be added to the state",
    repair: { kind: "take in", resource, id, holdsData: false },
  };
  return [taken, ...others.map((other) => surplus(resource, other))];
}

/** Several runs died at the same resource: the state can have one. It cannot be seen from here whether somebody uses the others. */
function surplus(resource: ExportedResource, id: string): Judged {
  return {
    thing: `${described(resource)} (${id})`,
    condition: "unknown to the state",
    plan: `is one too many: if nobody uses it, delete ${id} by hand`,
    open: true,
  };
}

function update(resource: ExportedResource, world: World): Judged {
  const plan = "the next `up` makes the change again";
  if (!canBeRead(resource.type) || !inState(resource, world)) return { condition: "half-made", plan };
  return {
    condition: "half-made",
    plan: `will be read again; ${plan}`,
    repair: { kind: "read again", urn: resource.urn },
  };
}

function deletion(resource: ExportedResource, world: World): Judged {
  const goesOn = "the next `up` or `destroy` deletes it, or keeps it if its tenant is declared";
  if (resource.type === GATE_TYPE) {
    return {
      condition: "half-made",
      plan: "still exists: the next offboarding starts again, with a backup of its own",
    };
  }
  if (!canBeRead(resource.type) || !inState(resource, world)) return { condition: "half-made", plan: goesOn };
  const repair = { kind: "read again", urn: resource.urn } as const;
  return isThere(resource, world)
    ? { condition: "half-made", plan: `will be read again; ${goesOn}`, repair }
    : { condition: "nothing left", plan: "will be removed from the state", repair };
}

/** What is in AWS shows when it is read again. */
function isThere({ type, inputs }: ExportedResource, { roles, schemas }: World): boolean {
  if (type === ROLE_TYPE) return roles.has(String(inputs?.name));
  if (type === SCHEMA_TYPE) return schemas.has(String(inputs?.name));
  return true;
}

/** Does not count what a replacement has left to be deleted: the next `up` deletes that in any case. */
function inState({ urn }: ExportedResource, { resources }: World): boolean {
  return resources.some((resource) => resource.urn === urn && !resource.delete);
}

/** Counts what is to be deleted too. */
function isKnownAtAll({ resources }: World, type: string, id: string): boolean {
  return resources.some((resource) => resource.type === type && resource.id === id);
}

const MADE: Judged = { condition: "fine", plan: "the state has it" };
const NOTHING: Judged = { condition: "nothing left", plan: "the next `up` creates it" };

/** What the interrupted creation of a role or schema has left. */
function createdInDatabase(resource: ExportedResource, world: World): Judged {
  return resource.type === ROLE_TYPE ? createdRole(resource, world) : createdSchema(resource, world);
}

/**
 * The schema guard, which comes first, refuses a role that exists. So an interrupted creation met none, unless somebody else created one
 * at that very moment; its limits tell, since the provider creates a role with all of them, in one transaction.
 */
function createdRole(resource: ExportedResource, world: World): Judged {
  const name = String(resource.inputs?.name);
  const found = world.roles.get(name);
  if (isKnown(world, ROLE_TYPE, name)) return MADE;
  if (found === undefined) return NOTHING;
  if (!sameLimits(found.limits, limitsOf(resource))) {
    return left(
      "differs from what the interrupted run would have created, so somebody else has created it: left alone",
    );
  }
  const tenant = tenantOf(resource.urn);
  const takeIn: TakeIn = { kind: "take in", resource, id: name, holdsData: true };
  // A second login is made when the tenant has long had its schema, and no server was given it yet.
  const hasSchema = tenant !== undefined && name === roleName(tenant) && world.schemas.has(schemaName(tenant));
  if (!found.owns && !hasSchema) {
    const otherwise = isDeclared(world, tenant) ? { otherwise: takeIn } : {};
    return {
      condition: "unknown to the state",
      plan: "owns nothing: will be dropped",
      repair: { kind: "drop role", role: name, ...otherwise },
    };
  }
  return holding(found.owns ? "owns something" : "has a schema", takeIn, isDeclared(world, tenant));
}

function limitsOf({ inputs = {} }: ExportedResource): RoleLimits {
  return {
    connectionLimit: Number(inputs.connectionLimit ?? -1),
    statementTimeout: Number(inputs.statementTimeout ?? 0),
    idleInTransactionTimeout: Number(inputs.idleInTransactionSessionTimeout ?? 0),
  };
}

/**
 * The schema guard, which comes first, refuses a schema that holds what this program did not create. So whatever is in it now was added
 * to a schema of this program.
 */
function createdSchema(resource: ExportedResource, world: World): Judged {
  const name = String(resource.inputs?.name);
  const database = String(resource.inputs?.database);
  const id = `${database}.${name}`;
  if (isKnown(world, SCHEMA_TYPE, id)) return MADE;
  if (database !== world.database) return left(`is in the database ${database}, which is no longer the stack's`);
  const found = world.schemas.get(name);
  if (found === undefined) return NOTHING;
  const tenant = tenantOf(resource.urn);
  if (tenant !== undefined && found.owner !== roleName(tenant)) {
    return left("does not belong to the role that the interrupted run would have given it to: left alone");
  }
  const takeIn: TakeIn = { kind: "take in", resource, id, holdsData: true };
  if (found.objects > 0) return holding("holds data", takeIn, isDeclared(world, tenant));
  const otherwise = isDeclared(world, tenant) ? { otherwise: takeIn } : {};
  return {
    condition: "unknown to the state",
    plan: "is empty: will be dropped",
    repair: { kind: "drop schema", schema: name, owner: found.owner, ...otherwise },
  };
}

/** The next `up` deletes what is in the state and declared by no file: here without a gate, and so without a backup. */
function holding(what: string, repair: TakeIn, declared: boolean): Judged {
  if (!declared)
    return left(`${what}, and no file declares its tenant: left alone. Restore its tenant file, with adopt: true`);
  const plan = `${what}: will be added to the state, protected until the next \`up\``;
  return { condition: "unknown to the state", plan, repair };
}

function left(plan: string): Judged {
  return { condition: "unknown to the state", plan, open: true };
}
