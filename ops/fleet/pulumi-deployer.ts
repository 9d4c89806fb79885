import type { Stack, Workspace } from "@pulumi/pulumi/automation";
import { PROJECT_DIR, pulumi } from "../stack/pulumi-cli";
import { deploymentEvents } from "./engine-events";
import { CallFailed, PulumiProcesses } from "./pulumi-process";
import type { Deployed, DeploymentEvent, Operation, StackDeployer } from "./stack-deployer";
import { holdingsIn } from "./state-holdings";

/** Deploys stacks with the Pulumi CLI, by Pulumi's Automation API. */
export async function pulumiDeployer(): Promise<StackDeployer> {
  const processes = await PulumiProcesses.find();
  const { LocalWorkspace, Stack } = require("@pulumi/pulumi/automation") as typeof import("@pulumi/pulumi/automation");
  const local = await LocalWorkspace.create({ workDir: PROJECT_DIR, pulumiCommand: await processes.command() });
  const workspace: Workspace = Object.assign(local, {
    // Every call names its stack: the one that a person has selected stays selected.
    selectStack: async () => {},
    // Asked for after each `up`, secrets in clear; nobody here reads them.
    stackOutputs: async () => ({}),
  });
  let stopped = false;
  return {
    existing: async () =>
      new Set((await workspace.listStacks()).map(({ name }) => name.slice(name.lastIndexOf("/") + 1))),
    holdings: async (stack) => holdingsIn(JSON.parse(await pulumi(stack, ["stack", "export"]))),
    deploy: async (name, operation, tell) => {
      try {
        await run(await Stack.select(name, workspace), operation, tell);
        return { ok: true, stopped: false, reason: "" };
      } catch (error) {
        if (error instanceof CallFailed) return { ok: false, stopped, reason: error.message } satisfies Deployed;
        throw error;
      }
    },
    stop: () => {
      stopped = true;
      processes.interruptAll();
    },
    endAtOnce: () => processes.interruptAll(),
  };
}

/** As the pages say: with the policies, and past a resource that fails. */
function run(stack: Stack, operation: Operation, tell: (event: DeploymentEvent) => void): Promise<unknown> {
  const options = {
    color: "never",
    onEvent: (event: Parameters<typeof deploymentEvents>[0]) => deploymentEvents(event).forEach(tell),
  } as const;
  switch (operation) {
    case "preview":
      return stack.preview({ ...options, policyPacks: ["policy"] });
    case "up":
      return stack.up({ ...options, policyPacks: ["policy"], continueOnError: true, showSecrets: false });
    case "destroy":
      return stack.destroy({ ...options, continueOnError: true, showSecrets: false });
  }
}
