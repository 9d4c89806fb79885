import { parseUrn } from "../../domain/urn";
import type { MovableStacks } from "./movable-stacks";
import { DYNAMIC_PROVIDER } from "./tenant-state";

/**
 * What the next `up` of a stack would change, and what keeps it from being told, a line each; none if the stack is as it is declared. What
 * a stack has for itself does not count: what it makes at its first `up`, and the provider that is configured with its own settings.
 */
export async function waitingChanges({ deployer }: MovableStacks, stack: string): Promise<string[]> {
  const lines: string[] = [];
  const { ok, reason } = await deployer.deploy(stack, "preview", (event) => {
    if (event.kind === "message" && event.severity === "error") lines.push(event.text);
    if (event.kind !== "step") return;
    const { type = "", name = event.urn } = parseUrn(event.urn) ?? {};
    const isOwn =
      type === DYNAMIC_PROVIDER || (event.op === "create" && /^pulumi:(pulumi:Stack|providers:.*)$/.test(type));
    if (event.status === "done" && event.op !== "same" && !isOwn) lines.push(`${event.op} ${name}`);
  });
  return ok || lines.length > 0 ? lines : [reason || "the preview failed, and did not say why"];
}

/**
 * For a deployment that is about one tenant: it would carry out what else waits too, which nobody was asked about.
 *
 * @param but A tenant of which changes may wait; undefined: none.
 * @throws Error if an `up` of the stack would change anything else.
 */
export async function refuseWaiting(stacks: MovableStacks, stack: string, but?: string): Promise<void> {
  // A slug has no hyphen, and the names of a tenant's resources begin with it.
  const isIts = (change: string) => but !== undefined && new RegExp(`^\\S+ ${but}(-|$)`).test(change);
  const changes = (await waitingChanges(stacks, stack)).filter((change) => !isIts(change));
  if (changes.length === 0) return;
  throw new Error(
    `what is declared for ${stack} is not deployed yet. Nothing was changed; first run \`up\` of ${stack}, or undo what causes this:\n` +
      changes.map((change) => `  ${change}`).join("\n"),
  );
}
