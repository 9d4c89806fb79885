import { code } from "../ci/markdown";
import type { StackPreview, TenantChange } from "./by-tenant";
import { labelOf } from "./purpose";
import { shownName } from "./shown-value";

/** What ends, the worst first. */
export const GROUPS = [
  "offboarded with NO backup",
  "offboarded",
  "schema or login gone",
  "server gone",
  "something else deleted or replaced",
] as const;

/** Something that ends: a line of the box at the top. */
export interface Danger {
  readonly group: (typeof GROUPS)[number];
  readonly slug: string;
  readonly line: string;
  /** The same where there is little room. */
  readonly short: string;
}

/**
 * The removal of a tenant, and whether a backup is taken before.
 *
 * @param where Names the stack, where there are several.
 * @param all Every preview of the comment: the tenant may be made anew in another stack.
 */
export function offboarded(tenant: TenantChange, where: string, all: readonly StackPreview[]): Danger {
  const { slug, gate } = tenant;
  const target = all.find(({ tenants }) => tenants.some((other) => other.slug === slug && other.fate === "onboarded"));
  const fate = target ? `moves to stack ${code(target.stack)}` : "is offboarded";
  const anew = target ? " What is made there is empty: restore the backup into it." : "";
  const name = `🔴 ${code(slug)}${where}`;
  if (gate?.backup === true) {
    const to = gate.destination === undefined ? "" : `, to ${shownName(gate.destination)}`;
    return {
      group: "offboarded",
      slug,
      line: `${name} **${fate}**: a verified backup will be taken first${to}. ${parts(tenant)} go after it.${anew}`,
      short: `${name} ${fate}; a verified backup first`,
    };
  }
  const why = withoutBackup(tenant);
  return {
    group: "offboarded with NO backup",
    slug,
    line: `${name} **${fate}. ${why}** ${parts(tenant)} go for good.${anew}`,
    short: `${name} ${fate}; **${why}**`,
  };
}

function withoutBackup({ gate, changes }: TenantChange): string {
  if (gate?.backup === false) return "NO backup: offboarding.backup is false.";
  if (gate) return "Whether a backup is taken, this preview does not say.";
  const isGuarded = changes.some(({ type, kind }) => /:DropGuard$/.test(type) && kind === "delete");
  const guard = isGuarded ? " Rows that no proved backup holds keep its schema from being dropped." : "";
  return `NO backup: no gate of it is left to take one.${guard}`;
}

/** What a reviewer has to know is lost, as "Schema, login role and server". */
function parts({ changes }: TenantChange): string {
  const labels = ["schema", "login role", "server"].filter((label) =>
    changes.some((change) => labelOf(change) === label),
  );
  if (labels.length === 0) return "What is left of it";
  return labels
    .join(", ")
    .replace(/, (?=[^,]*$)/, " and ")
    .replace(/^./, (first) => first.toUpperCase());
}
