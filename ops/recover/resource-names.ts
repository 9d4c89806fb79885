import { labelOf, ROLE_TYPE, SCHEMA_TYPE, SUBSCRIPTION_TYPE } from "../../domain/resource-types";
import { parseUrn, slugOf } from "../../domain/urn";
import type { ExportedResource } from "../stack/stack-access";

/** The tenant that a resource belongs to, by its URN; undefined for what tenants share. */
export function tenantOf(urn: string): string | undefined {
  return slugOf(parseUrn(urn));
}

/** For example `login role user_acme`, `.env value SECRET_KEY`, `server acme-instance`. */
export function described({ urn, type, inputs = {} }: Pick<ExportedResource, "urn" | "type" | "inputs">): string {
  const resource = parseUrn(urn);
  const label = labelOf({ type, name: resource?.name ?? "" })?.replaceAll("`", "") ?? type.split(":").at(-1);
  const named = [ROLE_TYPE, SCHEMA_TYPE].includes(type) || type.startsWith("aws:ssm/") || type.startsWith("aws:iam/");
  const name = (named && typeof inputs.name === "string" ? inputs.name : resource?.name) ?? urn;
  return `${label} ${name.startsWith("/") ? name.split("/").at(-1) : name}`;
}

/**
 * Whether an interrupted creation leaves a thing that a second one would meet, or make twice, or that would be left for ever if
 * there is none. A subscription is none of these: asked for twice it is one, and nobody can take in what has not been confirmed.
 */
export function isMadeOnce(type: string): boolean {
  if (type === SUBSCRIPTION_TYPE) return false;
  return type === ROLE_TYPE || type === SCHEMA_TYPE || type.startsWith("aws:");
}

/** Whether there is anything outside the state that reading the resource again would tell. */
export function canBeRead(type: string): boolean {
  return type.startsWith("postgresql:") || type.startsWith("aws:");
}
