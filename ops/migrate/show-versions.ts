import type { MigrationFile } from "../../database/migrations/migration-files";
import { outOfStep } from "../../database/migrations/positions";
import { counted } from "../../domain/counted";
import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import { type Column, columnsText, NAME, numbers, paragraph } from "../report/columns";
import { failsStatus, type TenantVersion } from "./versions";

/** What `migrate --status` tells of. */
export interface Versions {
  readonly stack: string;
  readonly files: readonly MigrationFile[];
  readonly tenants: readonly TenantVersion[];
}

export function versionsText({ stack, files, tenants }: Versions): string {
  const last = files.at(-1);
  const heading = `${counted(files.length, "migration")}${last ? `, the last is ${last.name}` : ""}; stack ${stack}`;
  if (tenants.length === 0) return `${heading}\n\nTenants: none in the database.`;
  const columns: Column[] = [
    { head: "Tenant", widest: NAME },
    { head: "Stack", widest: 20 },
    { head: "At", widest: 44 },
    ...numbers("Behind"),
  ];
  const rows = tenants.map(({ tenant, stack, at, number, behind, condition }) => [
    printable(tenant),
    stack === null ? "no file" : printable(stack),
    { current: at ?? "0000", behind: at ?? "0000", ahead: at ?? "", "other files": `${at}, other files`, unknown: "-" }[
      condition
    ],
    condition === "ahead" ? `ahead by ${number - files.length}` : behind === 0 ? "-" : String(behind),
  ]);
  const remarks = tenants.filter(failsStatus).map((one) => paragraph(`! ${outOfStep(one.tenant, one, files)}`, "  "));
  return [
    heading,
    columnsText(columns, rows),
    summary(tenants),
    ...(remarks.length > 0 ? [remarks.join("\n")] : []),
  ].join("\n\n");
}

function summary(tenants: readonly TenantVersion[]): string {
  const count = (condition: TenantVersion["condition"]) => tenants.filter((one) => one.condition === condition).length;
  const parts: [number, string][] = [
    [count("current"), "up to date"],
    [count("behind"), "behind"],
    [count("ahead"), "ahead of the files"],
    [count("other files"), "with other files"],
    [count("unknown"), "not migrated by this program"],
  ];
  const told = parts.filter(([number]) => number > 0).map(([number, what]) => `${number.toLocaleString("en")} ${what}`);
  return `${counted(tenants.length, "tenant")}: ${told.join(", ")}`;
}

export function versionsJson({ stack, files, tenants }: Versions): string {
  const last = files.at(-1)?.name ?? null;
  return jsonText({ stack, migrations: { count: files.length, last }, tenants }, 2);
}
