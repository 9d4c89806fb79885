import type { StackDeployer } from "../fleet/stack-deployer";
import type { StackAccess } from "../stack/stack-access";

/** The stacks between which tenants move: under the Pulumi CLI, or in a rehearsal. */
export interface MovableStacks {
  readonly deployer: Pick<StackDeployer, "existing" | "holdings" | "deploy">;
  /** @throws FileErrors when the stack's settings or the tenant files are not right. */
  open(stack: string): Promise<StackAccess>;
  /**
   * Moves resources, with all that hang under them, from one state into another, which is written first. Killed in between, both have them.
   *
   * @throws Error when nothing was moved, for example because one passphrase does not open both states.
   */
  moveState(from: string, to: string, urns: readonly string[]): Promise<void>;
}
