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
