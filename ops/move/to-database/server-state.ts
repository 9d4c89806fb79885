import { TENANT_TYPE } from "../../../domain/resource-types";
import { parseUrn } from "../../../domain/urn";
import { withKnownReferences } from "../../stack/known-references";
import type { ExportedResource, StackExport } from "../../stack/stack-access";
import { tenantUrn, withResources } from "../tenant-state";

/** The component of all that serves a tenant. What the tenant has in the database stays in the state that it is in. */
const SERVER_TYPE = "b2b:index:Server";

function isOfServer({ urn }: ExportedResource, slug: string): boolean {
  const { within = [], type = "", name = "" } = parseUrn(urn) ?? {};
  return name.startsWith(`${slug}-`) && [...within, type].includes(SERVER_TYPE);
}

/** What a state has of a tenant's server. */
export function serverResources({ deployment }: StackExport, slug: string): readonly ExportedResource[] {
  return (deployment.resources ?? []).filter((resource) => isOfServer(resource, slug));
}

/** URN of the component, which the others hang under. */
export function serverUrns(state: StackExport, slug: string): string[] {
  return serverResources(state, slug).flatMap(({ urn, type }) => (type === SERVER_TYPE ? [urn] : []));
}

/** The state with nothing of a tenant's server that a deployment could delete, until one declares it. */
export function withProtectedServer(state: StackExport, slug: string): StackExport {
  return withResources(state, (resources) =>
    resources.map((resource) =>
      resource.custom && isOfServer(resource, slug) ? { ...resource, protect: true } : resource,
    ),
  );
}

/** The state without a tenant's server. */
export function withoutServer(state: StackExport, slug: string): StackExport {
  const gone = new Set(serverResources(state, slug).map(({ urn }) => urn));
  return withResources(state, (resources) =>
    resources
      .filter(({ urn }) => !gone.has(urn))
      .map((resource) => withKnownReferences(resource, (urn) => !gone.has(urn))),
  );
}

/** The state with the server in its tenant: what moves without its parent, Pulumi hangs under the stack, and names it by that. */
export function withServerInTenant(state: StackExport, slug: string): StackExport {
  const tenant = tenantUrn(state, slug);
  const orphans = serverResources(state, slug).filter(({ urn }) => !parseUrn(urn)?.within.includes(TENANT_TYPE));
  if (tenant === undefined || orphans.length === 0) return state;
  const names = new Map(orphans.map(({ urn }) => [urn, urn.replace(SERVER_TYPE, `${TENANT_TYPE}$${SERVER_TYPE}`)]));
  const renamed = (value: unknown): unknown => {
    if (typeof value === "string") return names.get(value) ?? value;
    if (Array.isArray(value)) return value.map(renamed);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renamed(inner)]));
  };
  const changed = (resource: ExportedResource) => {
    if (!names.has(resource.urn)) return resource;
    const { parent, dependencies, propertyDependencies, deletedWith } = resource;
    const references = renamed({ dependencies, propertyDependencies, deletedWith }) as object;
    const defined = Object.fromEntries(Object.entries(references).filter(([, value]) => value !== undefined));
    return {
      ...resource,
      ...defined,
      urn: names.get(resource.urn) ?? resource.urn,
      parent: names.get(String(parent)) ?? tenant,
    };
  };
  return withResources(state, (resources) => resources.map(changed));
}
