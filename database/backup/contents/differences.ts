import { counted } from "../../../domain/counted";
import { printable } from "../../../domain/printable";
import type { SchemaContents, TableContents } from "./schema-contents";
import { meaning } from "./schema-structure";
import type { SequenceValue } from "./sequence-values";
import { sumOfChecksums } from "./table-rows";

/** Something that one schema holds and the other does not, or that both hold and that differs: in one line, not yet printable. */
type Difference = { readonly missing: string } | { readonly changed: string };

/** How `found` differs from `expected`, each in one line; empty when it does not. Objects that `expected` lacks do not count. */
export function differences(expected: SchemaContents, found: SchemaContents): string[] {
  return compared(expected, found).map((one) => printable("missing" in one ? `missing: ${one.missing}` : one.changed));
}

/** What `found` holds and `expected` does not, each in one line. */
export function additions(expected: SchemaContents, found: SchemaContents): string[] {
  return compared(found, expected).flatMap((one) => ("missing" in one ? [printable(one.missing)] : []));
}

function compared(expected: SchemaContents, found: SchemaContents): Difference[] {
  const sequences = byName(found.sequences);
  return [
    ...tableDifferences(expected, found).flatMap(({ differing }) => differing),
    ...expected.sequences.flatMap((sequence) => sequenceDifference(sequence, sequences.get(sequence.name))),
    ...structureDifferences(expected.structure, found.structure),
  ];
}

/** The tables of `expected` whose rows `found` holds too, by name. */
export function equalTables(expected: Tables, found: Tables): ReadonlySet<string> {
  const equal = tableDifferences(expected, found).filter(({ differing }) => differing.length === 0);
  return new Set(equal.flatMap(({ names }) => names));
}

type Tables = Pick<SchemaContents, "tables">;

/** Tables that count as one: as a rule, one. */
interface Whole extends TableContents {
  readonly names: readonly string[];
}

function tableDifferences(expected: Tables, found: Tables) {
  const wholes = new Map<string, string>();
  // A manifest of an earlier version does not say of what a table is a partition.
  for (const { name, hashPartitionOf } of [...expected.tables, ...found.tables]) {
    if (hashPartitionOf !== undefined) wholes.set(name, `${hashPartitionOf} (all its partitions together)`);
  }
  const there = together(found.tables, wholes);
  return [...together(expected.tables, wholes).values()].map((whole) => ({
    names: whole.names,
    differing: tableDifference(whole, there.get(whole.name)),
  }));
}

/**
 * The partitions of a table that is partitioned by hash are put together: the hash of an enum is that of its oid, which is another in
 * a copy, and so are the partitions that its rows are in.
 */
function together(tables: readonly TableContents[], wholes: ReadonlyMap<string, string>): Map<string, Whole> {
  const made = new Map<string, Whole>();
  for (const table of tables) {
    const name = wholes.get(table.name) ?? table.name;
    const others = made.get(name);
    const rows = table.rows + (others?.rows ?? 0);
    const checksum = others ? sumOfChecksums(others.checksum, table.checksum) : table.checksum;
    made.set(name, { name, rows, checksum, names: [...(others?.names ?? []), table.name] });
  }
  return made;
}

function byName<T extends { readonly name: string }>(things: readonly T[]): Map<string, T> {
  return new Map(things.map((thing) => [thing.name, thing]));
}

function tableDifference(expected: TableContents, found: TableContents | undefined): Difference[] {
  const { name, rows, checksum } = expected;
  if (found === undefined) return [{ missing: `table ${name} with ${counted(rows, "row")}` }];
  if (found.rows !== rows) return [{ changed: `table ${name}: ${counted(found.rows, "row")} instead of ${rows}` }];
  return found.checksum === checksum ? [] : [{ changed: `table ${name}: other content (checksum)` }];
}

function sequenceDifference(expected: SequenceValue, found: SequenceValue | undefined): Difference[] {
  const { name, lastValue, isCalled } = expected;
  if (found === undefined) return [{ missing: `sequence ${name} at ${lastValue}` }];
  if (found.lastValue !== lastValue) {
    return [{ changed: `sequence ${name}: ${found.lastValue} instead of ${lastValue}` }];
  }
  if (found.isCalled === isCalled) return [];
  return [{ changed: `sequence ${name}: ${lastValue} ${isCalled ? "is still to be given out" : "was given out"}` }];
}

function structureDifferences(expected: readonly string[], found: readonly string[]): Difference[] {
  const meanings = new Set(found.map(meaning));
  return (
    expected
      // An earlier version wrote nothing in the place of objects without a definition, for example operators.
      .filter((text) => text !== "" && !meanings.has(meaning(text)))
      .map((text) => ({ missing: text.replace(/\s+/g, " ").trim() }))
  );
}
