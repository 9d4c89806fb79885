import Table from "cli-table3";
import { equalTables } from "../../database/backup/contents/differences";
import type { SchemaContents } from "../../database/backup/contents/schema-contents";
import { counted } from "../../domain/counted";
import { jsonText } from "../../domain/json-text";
import { printable } from "../../domain/printable";
import type { TargetTenant } from "./find-target";
import type { NeighbourVerdict } from "./neighbours";
import type { Backup } from "./open-backup";

/** The result of a restore. */
export interface Outcome {
  readonly backup: Backup;
  readonly target: TargetTenant;
  /** What the target held after the restore, before the init script ran again. */
  readonly found: SchemaContents;
  /** How that differs from the manifest; each in one line, fit for a terminal. */
  readonly differing: readonly string[];
  /** Texts that go on naming the tenant which the backup is of. */
  readonly warnings: readonly string[];
  /** Undefined when they were not compared. */
  readonly neighbours: readonly NeighbourVerdict[] | undefined;
  /** An earlier run had restored it, and had ended before its last step. */
  readonly completed: boolean;
}

const HARMLESS: ReadonlySet<NeighbourVerdict["verdict"]> = new Set(["unchanged", "written"]);

/** Whether the target is proved equal, and the neighbours unchanged. */
export function holds({ differing, neighbours = [] }: Outcome): boolean {
  return differing.length === 0 && neighbours.every(({ verdict }) => HARMLESS.has(verdict));
}

const NO_LINES_BETWEEN_ROWS = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

/** The outcome for people. */
export function outcomeText(outcome: Outcome): string {
  const { backup, target, completed } = outcome;
  const { manifest, place } = backup;
  const table = new Table({
    head: ["Table", "Rows", "Checksum"],
    style: { head: [], border: [] },
    chars: NO_LINES_BETWEEN_ROWS,
  });
  for (const { name, rows, equal } of tablesOf(outcome)) {
    table.push([printable(name), { content: String(rows), hAlign: "right" }, equal ? "equal" : "differs"]);
  }
  const what = completed ? "had been restored before and is complete now" : "is restored";
  return [
    table.toString(),
    `${target.schema} ${what}, as ${target.role}, from ${place}`,
    `(tenant ${manifest.tenant}, fenced ${manifest.fencedAt}, verified ${manifest.verifiedAt}, PostgreSQL ${printable(manifest.server)}).`,
    ...comparison(outcome),
    ...outcome.warnings.map((text) => `! still names ${manifest.tenant}, change it by hand: ${text}`),
    ...neighbourLines(outcome),
  ].join("\n");
}

/** The outcome for programs. */
export function outcomeJson(stack: string, outcome: Outcome): string {
  const { backup, target, differing, warnings, neighbours, completed } = outcome;
  const { tenant, archive, fencedAt, verifiedAt, server, tool } = backup.manifest;
  return jsonText(
    {
      stack,
      tenant: target.slug,
      schema: target.schema,
      owner: target.role,
      backup: { tenant, place: backup.place, ...archive, fencedAt, verifiedAt, server, tool },
      equal: differing.length === 0,
      differences: differing,
      tables: tablesOf(outcome),
      sequences: backup.manifest.sequences.length,
      warnings,
      neighbours: neighbours ?? null,
      completed,
    },
    2,
  );
}

function tablesOf({ backup, found }: Outcome) {
  const equal = equalTables(backup.manifest, found);
  return backup.manifest.tables.map(({ name, rows, checksum }) => ({ name, rows, checksum, equal: equal.has(name) }));
}

function comparison({ backup, target, differing }: Outcome): string[] {
  if (differing.length > 0) {
    return [
      `✗ It differs from the backup: ${differing.join("; ")}.`,
      `  The backup itself was proved before. If the backend of ${target.slug} wrote meanwhile, stop it, empty the tables and restore again.`,
    ];
  }
  const { sequences, structure } = backup.manifest;
  return [
    `✓ Equal to the manifest: every row, ${counted(sequences.length, "sequence")}, ${counted(structure.length, "definition")}; all of it belongs to ${target.role}.`,
  ];
}

const WORDS: Readonly<Record<NeighbourVerdict["verdict"], (tenant: string, changes: string) => string[]>> = {
  unchanged: () => [],
  written: (tenant, changes) => [
    `✓ ${tenant} has changed by its own writes, since the restored tenant has no rights there: ${changes}.`,
  ],
  changed: (tenant, changes) => [`✗ ${tenant} has changed, and not by its own writes: ${changes}.`],
  unread: (tenant, reason) => [`✗ ${tenant} can no longer be read, so it cannot be proved unchanged: ${reason}.`],
};

function neighbourLines({ neighbours, completed }: Outcome): string[] {
  if (neighbours === undefined) return completed ? [] : ["! The neighbours were not compared (--skip-neighbours)."];
  const unchanged = neighbours.filter(({ verdict }) => verdict === "unchanged").map(({ tenant }) => tenant);
  return [
    ...(unchanged.length > 0 ? [`✓ Proved unchanged, every row: ${unchanged.join(", ")}.`] : []),
    ...neighbours.flatMap(({ tenant, verdict, changes }) => WORDS[verdict](tenant, changes.join("; "))),
    ...(neighbours.length === 0 ? ["✓ The database has no other tenant."] : []),
  ];
}
