import { roleName, schemaName } from "../../domain/names";
import type { ExportedResource } from "../stack/stack-access";
import type { Finding, TakeIn } from "./plan";
import { ROLE_TYPE, SCHEMA_TYPE, tenantOf } from "./resource-names";
import { isDeclared, isKnown, type RoleLimits, sameLimits, type World } from "./world";

type Judged = Omit<Finding, "tenant" | "thing">;

const MADE: Judged = { condition: "fine", plan: "the state has it" };
const NOTHING: Judged = { condition: "nothing left", plan: "the next `up` makes it" };

/** What the interrupted creation of a role or schema has left. */
export function createdInDatabase(resource: ExportedResource, world: World): Judged {
  return resource.type === ROLE_TYPE ? createdRole(resource, world) : createdSchema(resource, world);
}

/**
 * The guard before it refuses a role that exists, so an interrupted creation met none, unless another hand made one in that very
 * moment. That is told by its limits: the provider makes a role with all of them, in one transaction.
 */
function createdRole(resource: ExportedResource, world: World): Judged {
  const name = String(resource.inputs?.name);
  const found = world.roles.get(name);
  if (isKnown(world, ROLE_TYPE, name)) return MADE;
  if (found === undefined) return NOTHING;
  if (!sameLimits(found.limits, limitsOf(resource))) {
    return left("is not as the interrupted run would have made it, so another hand has: left alone");
  }
  const tenant = tenantOf(resource.urn);
  const takeIn: TakeIn = { kind: "take in", resource, id: name, holdsData: true };
  const hasSchema = tenant !== undefined && world.schemas.has(schemaName(tenant));
  if (!found.owns && !hasSchema) {
    const otherwise = isDeclared(world, tenant) ? { otherwise: takeIn } : {};
    return {
      condition: "unknown to the state",
      plan: "owns nothing: is dropped",
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
 * The guard before it refuses a schema that holds what this program did not make, so whatever is in it now came into a schema of
 * this program's.
 */
function createdSchema(resource: ExportedResource, world: World): Judged {
  const name = String(resource.inputs?.name);
  const database = String(resource.inputs?.database);
  const id = `${database}.${name}`;
  if (isKnown(world, SCHEMA_TYPE, id)) return MADE;
  if (database !== world.database) return left(`is in the database ${database}, which is not the stack's any more`);
  const found = world.schemas.get(name);
  if (found === undefined) return NOTHING;
  const tenant = tenantOf(resource.urn);
  if (tenant !== undefined && found.owner !== roleName(tenant)) {
    return left("belongs to another role than the interrupted run would have given it to: left alone");
  }
  const takeIn: TakeIn = { kind: "take in", resource, id, holdsData: true };
  if (found.objects > 0) return holding("holds data", takeIn, isDeclared(world, tenant));
  const otherwise = isDeclared(world, tenant) ? { otherwise: takeIn } : {};
  return {
    condition: "unknown to the state",
    plan: "is empty: is dropped",
    repair: { kind: "drop schema", schema: name, owner: found.owner, ...otherwise },
  };
}

/** What the state has and no file declares, the next `up` deletes: without a gate, and so without a backup. */
function holding(what: string, repair: TakeIn, declared: boolean): Judged {
  if (!declared)
    return left(`${what}, and no file declares its tenant: left alone. Give it its file back, with adopt: true`);
  const plan = `${what}: is taken into the state, protected until an \`up\` has come by`;
  return { condition: "unknown to the state", plan, repair };
}

function left(plan: string): Judged {
  return { condition: "unknown to the state", plan, open: true };
}
