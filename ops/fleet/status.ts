import { counted } from "../../domain/counted";
import { printable } from "../../domain/printable";
import type { ChosenStacks } from "./chosen-stacks";
import { inTurn } from "./in-turn";
import type { Holdings, StackDeployer } from "./stack-deployer";

/** What is declared for a stack, and what it holds. */
export interface StackStatus {
  readonly stack: string;
  /** Slugs. */
  readonly declared: readonly string[];
  /** Null: the stack has not been made. */
  readonly holds: Holdings | null;
}

export async function fleetStatus(
  { chosen, tenants }: ChosenStacks,
  deployer: StackDeployer,
  parallel: number,
): Promise<StackStatus[]> {
  const there = await deployer.existing();
  const names = chosen.map(({ stack }) => stack);
  return inTurn(names, new Map(), parallel, async (stack) => ({
    stack,
    declared: tenants.get(stack) ?? [],
    holds: there.has(stack) ? await deployer.holdings(stack) : null,
  }));
}

/** Whether every stack holds the tenants that are declared for it, and no run has died in any. */
export function isAsDeclared(statuses: readonly StackStatus[]): boolean {
  return statuses.every((status) => notes(status).length === 0);
}

/** For people: a line for each stack. */
export function statusText(statuses: readonly StackStatus[]): string {
  const head = ["stack", "declared", "deployed", "resources", ""];
  const rows = statuses.map((status) => {
    const { stack, declared, holds } = status;
    const numbers = [declared.length, holds?.tenants.length ?? "-", holds?.resources ?? "-"].map(String);
    return [stack, ...numbers, notes(status).join("; ")];
  });
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) =>
      column === 0 || column === 4 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
  return [head, ...rows].map((row) => line(row).join("  ").trimEnd()).join("\n");
}

/** What is not as it is declared, and what to do. */
function notes({ stack, declared, holds }: StackStatus): string[] {
  if (holds === null) return [`not made yet: npx pulumi stack init ${stack}`];
  const missing = declared.filter((slug) => !holds.tenants.includes(slug));
  const surplus = holds.tenants.filter((slug) => !declared.includes(slug));
  const unfinished = holds.unfinished.filter((slug) => declared.includes(slug));
  const named = (slugs: readonly string[]) => printable(slugs.join(", "));
  return [
    ...(missing.length > 0 ? [`up would make ${named(missing)}`] : []),
    ...(unfinished.length > 0 ? [`up has not finished ${named(unfinished)}`] : []),
    ...(surplus.length > 0 ? [`up would remove ${named(surplus)}`] : []),
    ...(holds.interrupted > 0
      ? [`a run has died in ${counted(holds.interrupted, "operation")}: npx b2b-tenants recover --stack ${stack}`]
      : []),
  ];
}
