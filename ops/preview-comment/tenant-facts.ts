import { code } from "../ci/markdown";
import type { TenantChange } from "./by-tenant";
import { shownName, shownValue } from "./shown-value";

/** What a reviewer wants to see of a tenant that is made: what its file decides, as it reaches the resources. */
export function tenantFacts({ slug, changes }: TenantChange): string[] {
  const made = (name: string) => changes.find((change) => change.name === `${slug}-${name}`);
  const role = made("role")?.after;
  const schema = made("schema");
  const server = made("instance")?.after;
  const gate = made("gate")?.after;
  const env = ["FRONTEND_URL", "ALLOWED_ORIGINS"].flatMap((key) => {
    const value = made(`env-${key}`)?.after.insecureValue;
    return value === undefined ? [] : [`${code(key)}: ${shownName(value)}`];
  });
  return [
    ...(schema?.kind === "adopt"
      ? ["**adopted:** role and schema made by hand are taken over; a new password is set"]
      : []),
    ...(role ? [`login role ${shownName(role.name)}, at most ${shownValue(role.connectionLimit)} connections`] : []),
    ...(schema ? [`schema ${shownName(schema.after.name)}`] : []),
    ...(server ? [`server ${shownName(server.instanceType)} in ${shownName(server.subnetId)}`] : []),
    ...env,
    ...(gate?.backup === false ? ["⚠️ `offboarding.backup` is false: its removal will take **no backup**"] : []),
  ];
}
