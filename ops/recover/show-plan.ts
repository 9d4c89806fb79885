import Table from "cli-table3";
import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import type { Finding, Plan } from "./plan";

const SHARED = "(shared)";

/** The plan as a table for people, tenant by tenant. */
export function planTable({ findings }: Plan): string {
  const table = new Table({
    head: ["Tenant", "What", "Found", "What is done"],
    style: { head: [], border: [], compact: true },
    colWidths: [null, 46, null, 56],
    wordWrap: true,
  });
  for (const { tenant = SHARED, thing, condition, plan } of byTenant(findings)) {
    table.push([tenant, printable(thing), condition, printable(plan)]);
  }
  return table.toString();
}

/** The plan for programs. */
export function planJson(stack: string, plan: Plan, repaired: boolean, failures: readonly string[]): string {
  const findings = byTenant(plan.findings).map(({ tenant = null, thing, condition, plan, repair, open = false }) => ({
    tenant,
    thing,
    condition,
    plan,
    repair: repair?.kind ?? null,
    open,
  }));
  return jsonText({ stack, interrupted: plan.interrupted.length, findings, repaired, failures }, 2);
}

function byTenant(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => compare(a.tenant ?? "", b.tenant ?? ""));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
