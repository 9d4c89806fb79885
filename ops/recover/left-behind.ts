import { roleName, schemaName } from "../../domain/names";
import type { ExportedResource } from "../stack/stack-access";
import type { Finding } from "./plan";
import { GATE_TYPE, ROLE_TYPE, SCHEMA_TYPE, tenantOf } from "./resource-names";
import { isDeclared, isKnown, sameLimits, type World } from "./world";

/** What the list of interrupted operations does not tell of, tenant by tenant. `interrupted`: what it does. */
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
      ...unknownRole(world, slug, listed),
      ...unknownSchema(world, slug, listed),
    ]);
  return [...ofTenants, ...verifications(world)];
}

/**
 * A fence whose gate is gone must stay up: the backup that the gate has taken is the last there is, and what the tenant wrote
 * after it would be in none. `up`, which makes a new gate for a declared tenant, lets it in, once the state says that it is out.
 */
function fences(world: World, tenant: string): Finding[] {
  const role = roleName(tenant);
  const since = world.fenced.get(role);
  if (since === undefined) return [];
  const fence = { tenant, thing: `fence before role ${role}`, condition: "half-made" } as const;
  if (!isDeclared(world, tenant)) {
    return [{ ...fence, plan: `stays, since ${since}: its offboarding goes on with the next \`up\` or \`destroy\`` }];
  }
  const ofTenant = (wanted: string) =>
    world.resources.find(({ type, urn, delete: old }) => type === wanted && tenantOf(urn) === tenant && !old);
  if (ofTenant(GATE_TYPE) !== undefined) {
    const plan = `is lifted, it stands since ${since}: the tenant is declared`;
    return [{ ...fence, plan, repair: { kind: "let in", role } }];
  }
  const plan = `stays, since ${since}: its backup is taken. The next \`up\` lets it in, and makes its gate anew`;
  const known = ofTenant(ROLE_TYPE);
  // Read already: the state says it, and there is nothing more to do.
  if (known === undefined || known.inputs?.login === false) return [{ ...fence, plan }];
  return [{ ...fence, plan, repair: { kind: "read again", urn: known.urn } }];
}

function unknownRole(world: World, tenant: string, listed: ReadonlySet<string>): Finding[] {
  const role = roleName(tenant);
  const found = world.roles.get(role);
  if (found === undefined || listed.has(role) || isKnown(world, ROLE_TYPE, role) || isToBeAdopted(world, tenant))
    return [];
  const unknown = { tenant, thing: `role ${role}`, condition: "unknown to the state" } as const;
  const spec = world.declared.find(({ slug }) => slug === tenant)?.database;
  const isOurs = spec !== undefined && sameLimits(found.limits, spec);
  // A tenant that lives, in whichever stack, has its schema.
  if (isOurs && !found.owns && !world.schemas.has(schemaName(tenant))) {
    return [{ ...unknown, plan: "owns nothing: is dropped", repair: { kind: "drop role", role } }];
  }
  return [{ ...unknown, plan: whoseIsIt(found.owns ? "owns something" : "was made by another hand"), open: true }];
}

function unknownSchema(world: World, tenant: string, listed: ReadonlySet<string>): Finding[] {
  const schema = schemaName(tenant);
  const found = world.schemas.get(schema);
  const known = isKnown(world, SCHEMA_TYPE, `${world.database}.${schema}`);
  if (found === undefined || listed.has(schema) || known || isToBeAdopted(world, tenant)) return [];
  const unknown = { tenant, thing: `schema ${schema}`, condition: "unknown to the state" } as const;
  const isOwn = found.owner === roleName(tenant) && isKnown(world, ROLE_TYPE, found.owner);
  if (isOwn && isDeclared(world, tenant) && (found.initialised || found.objects === 0)) {
    return [{ ...unknown, plan: "the next `up` takes it up by itself" }];
  }
  return [{ ...unknown, plan: whoseIsIt(found.objects > 0 ? "holds data" : "is empty"), open: true }];
}

function whoseIsIt(what: string): string {
  return (
    `${what}, and may be another stack's: left alone. Is it this tenant's, made by hand, say \`adopt: true\` in its file; ` +
    "does nobody use it, drop it by hand"
  );
}

/** What exists of such a tenant is what the next `up` takes over. */
function isToBeAdopted({ declared }: World, tenant: string): boolean {
  return declared.some(({ slug, adopt }) => slug === tenant && adopt);
}

function verifications({ verifications }: World): Finding[] {
  return verifications.map(({ slug, inUse }) => {
    const leftover = { tenant: slug, thing: `scratch database verify_${slug}`, condition: "half-made" } as const;
    return inUse
      ? { ...leftover, plan: "is in use now: left alone" }
      : {
          ...leftover,
          plan: "is dropped: a copy for the verification of a backup",
          repair: { kind: "drop verification", slug },
        };
  });
}
