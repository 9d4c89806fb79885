import { TENANT_TYPE } from "../../domain/resource-types";
import { parseUrn, slugOf } from "../../domain/urn";
import { withKnownReferences } from "../stack/known-references";
import type { ExportedResource, StackExport } from "../stack/stack-access";

/** What a state has of a tenant. */
export function resourcesOf({ deployment }: StackExport, slug: string): readonly ExportedResource[] {
  return (deployment.resources ?? []).filter(({ urn }) => slugOf(parseUrn(urn)) === slug);
}

/** URN of the tenant itself, which its other resources hang under; undefined if the state does not have it. */
export function tenantUrn(state: StackExport, slug: string): string | undefined {
  return resourcesOf(state, slug).find(({ type }) => type === TENANT_TYPE)?.urn;
}

/** The state with nothing of these tenants that a deployment could delete. The next `up` of a program that declares them lifts that. */
export function withProtected(state: StackExport, slugs: readonly string[]): StackExport {
  return withResources(state, (resources) =>
    resources.map((resource) =>
      resource.custom && isOf(resource, slugs) && !resource.delete ? { ...resource, protect: true } : resource,
    ),
  );
}

/** What serves dynamic resources. Its configuration is all of its stack's settings, so no two stacks have the same. */
export const DYNAMIC_PROVIDER = "pulumi:providers:pulumi-nodejs";

/**
 * The state with the id that the target's provider of dynamic resources has. Pulumi takes two providers for one where id or configuration
 * are the same, and otherwise refuses to move what they serve.
 */
export function withProviderOf(state: StackExport, target: StackExport): StackExport {
  const named = ({ deployment }: StackExport) =>
    (deployment.resources ?? []).filter(({ type }) => type === DYNAMIC_PROVIDER);
  const ids = new Map(named(target).map(({ urn, id }) => [parseUrn(urn)?.name, id]));
  return named(state).reduce((changed, { urn, id: old }) => {
    const id = ids.get(parseUrn(urn)?.name) ?? old;
    return withResources(changed, (resources) =>
      resources.map((resource) => {
        if (resource.urn === urn && resource.id === old) return { ...resource, id };
        return resource.provider === `${urn}::${old}` ? { ...resource, provider: `${urn}::${id}` } : resource;
      }),
    );
  }, state);
}

/** The state without these tenants. */
export function withoutTenants(state: StackExport, slugs: readonly string[]): StackExport {
  return withResources(state, (resources) => {
    const gone = new Set(resources.filter((resource) => isOf(resource, slugs)).map(({ urn }) => urn));
    return resources
      .filter(({ urn }) => !gone.has(urn))
      .map((resource) => withKnownReferences(resource, (urn) => !gone.has(urn)));
  });
}

/** Whether two states hold the same of a tenant: every resource of one is in the other, with the same id. */
export function holdTheSame(one: StackExport, other: StackExport, slug: string): boolean {
  const [here, there] = [one, other].map((state) => resourcesOf(state, slug).map(identity).sort().join("\n"));
  return here === there;
}

function identity({ urn, id = "" }: ExportedResource): string {
  const { within = [], type, name } = parseUrn(urn) ?? {};
  return JSON.stringify([...within, type, name, id]);
}

function isOf({ urn }: ExportedResource, slugs: readonly string[]): boolean {
  const slug = slugOf(parseUrn(urn));
  return slug !== undefined && slugs.includes(slug);
}

/** The state with other resources in the place of its own. */
export function withResources(
  state: StackExport,
  change: (resources: readonly ExportedResource[]) => readonly ExportedResource[],
): StackExport {
  const { deployment } = state;
  return { ...state, deployment: { ...deployment, resources: change(deployment.resources ?? []) } };
}
