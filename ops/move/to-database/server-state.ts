import { parseUrn } from "../../../domain/urn";
import { withKnownReferences } from "../../stack/known-references";
import type { ExportedResource, StackExport } from "../../stack/stack-access";
import { resourcesOf } from "../tenant-state";

/** What serves a tenant: all that is in AWS, its `SECRET_KEY`, and the component around them. What is in the database stays where it is. */
function isOfServer({ urn, type }: ExportedResource): boolean {
  const { name = "" } = parseUrn(urn) ?? {};
  return type.startsWith("aws:") || type === "b2b:index:Server" || /^[^-]+-secret-key$/.test(name);
}

/** What a state has of a tenant's server. */
export function serverResources(state: StackExport, slug: string): readonly ExportedResource[] {
  return resourcesOf(state, slug).filter(isOfServer);
}

/** Those of a tenant's server that hang under none of the others: the others go with them. */
export function serverUrns(state: StackExport, slug: string): string[] {
  const resources = serverResources(state, slug);
  const urns = new Set(resources.map(({ urn }) => urn));
  return resources.filter(({ parent }) => !urns.has(String(parent))).map(({ urn }) => urn);
}

/** The state without a tenant's server. */
export function withoutServer(state: StackExport, slug: string): StackExport {
  const gone = new Set(serverResources(state, slug).map(({ urn }) => urn));
  const resources = (state.deployment.resources ?? [])
    .filter(({ urn }) => !gone.has(urn))
    .map((resource) => withKnownReferences(resource, (urn) => !gone.has(urn)));
  return { ...state, deployment: { ...state.deployment, resources } };
}
