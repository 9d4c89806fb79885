import { quoted } from "../../domain/fault";
import { type Declared, stacksOf } from "./declared";

/**
 * What no single stack's program can see: a tenant that no stack declares, which would never be made, or dropped where it lived;
 * and two stacks that each take the tenants that name none.
 */
export function declarationFaults({ stacks, tenants, unreadable }: Declared): string[] {
  if (unreadable.length > 0)
    return unreadable.map((file) => `${file}: not the settings of a stack, as YAML with 'config'`);
  const known = stacks.map(({ stack }) => stack).join(", ") || "none";
  const orphans = [...tenants.values()].flatMap((tenant) => {
    if (tenant.names === "unreadable" || stacksOf(tenant, stacks).length > 0) return [];
    const { stack } = tenant.names;
    return stack === undefined
      ? [`${tenant.file}: it names no stack, and no stack's settings say b2b-tenants:fleet: true`]
      : [`${tenant.file}: no stack declares it: 'stack' is ${quoted(stack)}; the settings files here are of: ${known}`];
  });
  const folders = new Set(stacks.map(({ tenantsDir }) => tenantsDir));
  const rivals = [...folders].flatMap((folder) => {
    const fleets = stacks.filter(({ tenantsDir, fleet }) => fleet && tenantsDir === folder).map(({ file }) => file);
    return fleets.length > 1 ? [`${fleets.join(", ")}: each says b2b-tenants:fleet: true; allowed: one of them`] : [];
  });
  return [...rivals, ...orphans];
}
