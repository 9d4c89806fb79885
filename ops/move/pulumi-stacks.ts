import { pulumiDeployer } from "../fleet/pulumi-deployer";
import { pulumiOf } from "../stack/pulumi-cli";
import { openPulumiStack } from "../stack/pulumi-stack";
import type { MovableStacks } from "./movable-stacks";

/** The stacks of production, under the Pulumi CLI. */
export async function pulumiStacks(): Promise<MovableStacks> {
  return {
    deployer: await pulumiDeployer(),
    open: openPulumiStack,
    moveState: async (from, to, urns) => {
      const stacks = ["--source", from, "--dest", to];
      await pulumiOf(stacks.join(" "), ["state", "move", ...stacks, "--yes", ...urns]);
    },
  };
}
