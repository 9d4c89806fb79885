import { counted } from "../../domain/counted";
import { printable, printableList } from "../../domain/printable";
import type { ChosenStacks } from "./chosen-stacks";
import type { Holdings, StackDeployer } from "./stack-deployer";
import type { StackFile } from "./stack-file";

/**
 * What the chosen stacks hold, a line for each; empty if none of them holds anything.
 *
 * @throws Error when the fleet stack is chosen, and another one that is not still needs it.
 */
export async function destructionText(fleet: ChosenStacks, deployer: StackDeployer): Promise<string> {
  const there = await deployer.existing();
  const names = fleet.chosen.map(({ stack }) => stack);
  for (const stack of fleet.chosen) {
    const needed = await neededBy(stack, fleet, deployer, new Set([...there].filter((name) => !names.includes(name))));
    if (needed !== undefined) throw new Error(`nothing was destroyed. ${stack.stack}: ${needed}`);
  }
  const lines: string[] = [];
  for (const name of names.filter((stack) => there.has(stack))) {
    const holds = await deployer.holdings(name);
    if (holds.resources > 0) lines.push(`  ${name}: ${holdingsText(holds)}`);
  }
  return lines.join("\n");
}

function holdingsText({ tenants, resources }: Holdings): string {
  const named = tenants.length === 0 ? "no tenant" : `${counted(tenants.length, "tenant")}: ${tenants.join(", ")}`;
  return `${counted(resources, "resource")}, ${printable(named)}`;
}

/** Why a stack may not be destroyed as long as those that are `there` are; undefined if it may. */
export async function neededBy(
  { stack, fleet, tenantsDir }: StackFile,
  { all }: ChosenStacks,
  deployer: StackDeployer,
  there: ReadonlySet<string>,
): Promise<string | undefined> {
  if (!fleet) return undefined;
  // One that has no settings here any more may have been in this database.
  const elsewhere = all.filter((other) => other.tenantsDir !== tenantsDir).map((other) => other.stack);
  const others = [...there].filter((name) => name !== stack && !elsewhere.includes(name)).sort();
  const holding: string[] = [];
  for (const name of others) {
    const { tenants } = await deployer.holdings(name);
    if (tenants.length > 0) holding.push(`${name} (${counted(tenants.length, "tenant")})`);
  }
  if (holding.length === 0) return undefined;
  return `it keeps the tenants of all stacks apart and goes last, and there still is ${printableList(holding)}`;
}
