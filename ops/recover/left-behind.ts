import { loginNames, roleName, schemaName, scratchName } from "../../domain/names";
import { GATE_TYPE, ROLE_TYPE, SCHEMA_TYPE } from "../../domain/resource-types";
import type { ExportedResource } from "../stack/stack-access";
import type { Finding } from "./plan";
import { tenantOf } from "./resource-names";
import { isDeclared, isKnown, sameLimits, type World } from "./world";

/** What interrupted runs have left that is not on the list of interrupted operations. @param interrupted What is on the list. */
export function leftBehindFindings(world: World, interrupted: readonly ExportedResource[]): Finding[] {
  const listed = new Set(interrupted.map(({ inputs }) => String(inputs?.name)));
  const slugs = new Set([
    ...world.declared.map(({ slug }) => slug),
    ...world.resources.map(({ urn }) => tenantOf(urn)),
  ]);
  const ofTenants = [...slugs]
    .filter((slug) => slug !== undefined)
    .flatMap((slug) => [
      ...fences(world, slug),
      ...loginNames(roleName(slug)).flatMap((role) => unknownRole(world, slug, role, listed)),
      ...unknownSchema(world, slug, listed),
    ]);
  return [...ofTenants, ...scratchDatabases(world)];
}

/**
 * A fence whose gate is gone must stay: the gate's backup is the last one, and what the tenant wrote after it would be in no backup. For
 * a declared tenant `up` creates a new gate and lifts the fence, once the state says that the role cannot log in.
 */
function fences(world: World, tenant: string): Finding[] {
  const role = roleName(tenant);
  const since = world.fenced.get(role);
  if (since === undefined) return [];
  const fence = { tenant, thing: `fence of role ${role}`, condition: "half-made" } as const;
  if (!isDeclared(world, tenant)) {
    return [{ ...fence, plan: `stays (raised ${since}): the next \`up\` or \`destroy\` continues the offboarding` }];
  }
  const ofTenant = (wanted: string) =>
    world.resources.find(({ type, urn, delete: old }) => type === wanted && tenantOf(urn) === tenant && !old);
  if (ofTenant(GATE_TYPE) !== undefined) {
    const plan = `will be lifted (raised ${since}): the tenant is declared`;
    return [{ ...fence, plan, repair: { kind: "lift fence", role } }];
  }
  const plan = `stays (raised ${since}): the backup is taken. The next \`up\` lifts it and creates the gate again`;
  const known = ofTenant(ROLE_TYPE);
  // The state already says that the role cannot log in.
  if (known === undefined || known.inputs?.login === false) return [{ ...fence, plan }];
  return [{ ...fence, plan, repair: { kind: "read again", urn: known.urn } }];
}

function unknownRole(world: World, tenant: string, role: string, listed: ReadonlySet<string>): Finding[] {
  const found = world.roles.get(role);
  if (found === undefined || listed.has(role) || isKnown(world, ROLE_TYPE, role) || isToBeAdopted(world, tenant))
    return [];
  const unknown = { tenant, thing: `role ${role}`, condition: "unknown to the state" } as const;
  const spec = world.declared.find(({ slug }) => slug === tenant)?.database;
  const isOurs = spec !== undefined && sameLimits(found.limits, spec);
  // A living tenant of any stack has its schema.
  if (isOurs && !found.owns && !world.schemas.has(schemaName(tenant))) {
    return [{ ...unknown, plan: "owns nothing: will be dropped", repair: { kind: "drop role", role } }];
  }
  return [{ ...unknown, plan: leftAlone(found.owns ? "owns something" : "was created by somebody else"), open: true }];
}

function unknownSchema(world: World, tenant: string, listed: ReadonlySet<string>): Finding[] {
  const schema = schemaName(tenant);
  const found = world.schemas.get(schema);
  const known = isKnown(world, SCHEMA_TYPE, `${world.database}.${schema}`);
  if (found === undefined || listed.has(schema) || known || isToBeAdopted(world, tenant)) return [];
  const unknown = { tenant, thing: `schema ${schema}`, condition: "unknown to the state" } as const;
  const isOwn = found.owner === roleName(tenant) && isKnown(world, ROLE_TYPE, found.owner);
  if (isOwn && isDeclared(world, tenant) && (found.initialised || found.objects === 0)) {
    return [{ ...unknown, plan: "the next `up` takes it over" }];
  }
  return [{ ...unknown, plan: leftAlone(found.objects > 0 ? "holds data" : "is empty"), open: true }];
}

function leftAlone(what: string): string {
  return (
    `${what}, and may belong to another stack: left alone. If it belongs to this tenant, set \`adopt: true\` in its file; ` +
    "if nobody uses it, drop it"
  );
}

/** What exists of such a tenant, the next `up` takes over. */
function isToBeAdopted({ declared }: World, tenant: string): boolean {
  return declared.some(({ slug, adopt }) => slug === tenant && adopt);
}

function scratchDatabases({ scratchDatabases }: World): Finding[] {
  return scratchDatabases.map(({ slug, inUse }) => {
    const leftover = { tenant: slug, thing: `scratch database ${scratchName(slug)}`, condition: "half-made" } as const;
    if (inUse) return { ...leftover, plan: "is in use: left alone" };
    const plan = "will be dropped: a copy for the verification of a backup";
    return { ...leftover, plan, repair: { kind: "drop scratch database", slug } };
  });
}
