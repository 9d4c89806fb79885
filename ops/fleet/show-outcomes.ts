import { counted } from "../../domain/counted";
import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import type { Operation } from "./stack-deployer";
import type { Complaint, StackOutcome } from "./stack-outcome";
import { countsText, failureLines, type TenantOutcome } from "./tenant-summary";

/** What was done to resources, and in a preview what would be. By Pulumi's names of the operations. */
export const WORDS: Readonly<Record<string, readonly [done: string, planned: string]>> = {
  create: ["created", "create"],
  import: ["imported", "import"],
  update: ["updated", "update"],
  replace: ["replaced", "replace"],
  delete: ["deleted", "delete"],
  same: ["unchanged", "unchanged"],
};

/** The summary for people. */
export function outcomesText(operation: Operation, outcomes: readonly StackOutcome[], again: string): string {
  const [names, results] = [widest(outcomes, "stack"), widest(outcomes, "result")];
  const rows = outcomes.map((outcome) => {
    const { stack, result, reason, seconds } = outcome;
    const what = [reason, changesText(operation, outcome)].filter((text) => text !== "").join("; ");
    const took = result === "skipped" ? "" : `, ${seconds.toFixed(0)} s`;
    return `  ${stack.padEnd(names)}  ${result.padEnd(results)}  ${printable(what)}${took}`;
  });
  const warnings = outcomes.flatMap(({ stack, warnings }) => warnings.map((one) => complaintText(stack, one)));
  const failures = outcomes.flatMap(({ stack, tenants }) =>
    failureLines(tenants).map((line) => (line.startsWith(" ") ? `    ${line}` : `  ${printable(stack)}: ${line}`)),
  );
  const unfinished = outcomes.filter(({ result }) => result !== "done").map(({ stack }) => stack);
  return [
    `${operation} of ${counted(outcomes.length, "stack")}: ${totals(outcomes)}`,
    ...rows,
    ...(warnings.length > 0 ? ["", "Warnings:", ...warnings] : []),
    ...(failures.length > 0 ? ["", "Failures:", ...failures] : []),
    ...(unfinished.length > 0 ? ["", `Again, once that is put right: ${again} --stack ${unfinished.join(",")}`] : []),
  ].join("\n");
}

export function outcomesJson(operation: Operation, outcomes: readonly StackOutcome[]): string {
  return jsonText({ operation, ok: allDone(outcomes), stacks: outcomes }, 2);
}

export function allDone(outcomes: readonly StackOutcome[]): boolean {
  return outcomes.every(({ result }) => result === "done");
}

function totals(outcomes: readonly StackOutcome[]): string {
  const results = ["done", "failed", "stopped", "skipped"] as const;
  const counts = results.map((wanted) => [outcomes.filter(({ result }) => result === wanted).length, wanted] as const);
  return counts.flatMap(([count, result]) => (count > 0 ? [`${count} ${result}`] : [])).join(", ");
}

/** In a preview no tenant has come to anything yet. */
function changesText(operation: Operation, { changes, tenants }: StackOutcome): string {
  const counts = Object.keys(WORDS).flatMap((op) => {
    const count = changes[op] ?? 0;
    const [done, planned] = WORDS[op] ?? [op, op];
    if (count === 0) return [];
    return [operation === "preview" && op !== "same" ? `${count} to ${planned}` : `${count} ${done}`];
  });
  const changed = tenants.flatMap(({ slug, result }) => (slug !== undefined && CHANGED.has(result) ? [slug] : []));
  const named = changed.length === 0 ? "" : ` (${changed.join(", ")})`;
  const became = operation === "preview" ? "" : countsText(tenants);
  return [`${counts.join(", ")}${named}`, became].filter((text) => text !== "").join("; ");
}

const CHANGED: ReadonlySet<TenantOutcome["result"]> = new Set(["made", "changed", "removed"]);

function complaintText(stack: string, { tenant, resource, message }: Complaint): string {
  const [first = "", ...rest] = message.trim().split("\n");
  const place = [stack, tenant, resource].filter((part) => part !== undefined && part !== "").join(" / ");
  return [`  ${printable(place)}: ${first}`, ...rest.map((line) => `      ${line}`)].join("\n");
}

function widest(outcomes: readonly StackOutcome[], key: "stack" | "result"): number {
  return Math.max(0, ...outcomes.map((outcome) => outcome[key].length));
}
