import { jsonText } from "./json-text";
import { printable } from "./printable";

/** A row of the quick reference (docs/guia.es.md, section 8), by the tenant's slug. Nothing in it is secret. */
export interface ReferenceRow {
  readonly databaseUser: string;
  readonly schema: string;
  /** Host name or address of the tenant's server. */
  readonly server: string;
}

export const REFERENCE_FORMATS = ["text", "markdown", "json"] as const;

export type ReferenceFormat = (typeof REFERENCE_FORMATS)[number];

const HEAD = ["Tenant", "Database user", "Schema", "Server"] as const;

const GAP = "  ";

/**
 * The table (docs/guia.es.md, section 8) of what an engineer looks up about each tenant, without credentials, for a password manager's note: in the
 * order of the slugs, without a line break at its end.
 */
export function quickReference(rows: Readonly<Record<string, ReferenceRow>>, format: ReferenceFormat): string {
  const sorted = Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1));
  const cells = sorted.map(([slug, { databaseUser, schema, server }]) =>
    [slug, databaseUser, schema, server].map(printable),
  );
  switch (format) {
    case "text":
      return alignedText([HEAD, ...cells]);
    case "markdown":
      return [HEAD, HEAD.map(() => ":---"), ...cells.map((row) => row.map(markdownCode))].map(markdownRow).join("\n");
    case "json":
      return jsonText(
        sorted.map(([slug, { databaseUser, schema, server }]) => ({ slug, databaseUser, schema, server })),
        2,
      );
  }
}

function alignedText(lines: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** As code, so that an underscore stays one. What would end the code or the cell is in no slug and no host name, and is taken out. */
function markdownCode(text: string): string {
  return text === "" ? "" : `\`${text.replace(/[`|]/g, "")}\``;
}
