import type { MovableStacks } from "../movable-stacks";

/** An `up` of a stack. @throws Error with what failed in it. */
export async function deployed({ deployer }: MovableStacks, stack: string): Promise<void> {
  const lines: string[] = [];
  const { ok, reason } = await deployer.deploy(stack, "up", (event) => {
    if (event.kind === "message" && event.severity === "error") lines.push(event.text);
  });
  if (!ok) throw new Error(`the \`up\` of ${stack} failed: ${lines.join("; ") || reason || "it did not say why"}`);
}
