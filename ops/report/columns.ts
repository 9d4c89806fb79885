/** Tables and paragraphs of at most 120 columns. */
import Table from "cli-table3";

export interface Column {
  readonly head: string;
  /** Right-aligned; set for numeric columns. */
  readonly right?: boolean;
  /** Characters after which a cell continues in the next line: a name is never cut. */
  readonly widest?: number;
}

const WIDTH = 120;

/** The widest that a name gets in a table of that width. */
export const NAME = 32;

const GAP = 2;

const WITHOUT_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

/** Rows under heads, without lines around them: a wide table has no room for lines. */
export function columnsText(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: columns.map(({ head, right }) => ({ content: head, ...aligned(right) })) as unknown as string[],
    colWidths: columns.map(({ head, widest }, index) => {
      if (widest === undefined) return null;
      const lines = rows.flatMap((row) => (row[index] ?? "").split("\n"));
      return GAP + Math.min(widest, Math.max(head.length, ...lines.map((line) => line.length)));
    }),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": GAP },
    chars: WITHOUT_LINES,
    wordWrap: true,
    wrapOnWordBoundary: false,
  });
  for (const row of rows) table.push(row.map((content, index) => ({ content, ...aligned(columns[index]?.right) })));
  return table.toString().replace(/ +$/gm, "");
}

/** Columns of numbers. */
export function numbers(...heads: string[]): Column[] {
  return heads.map((head) => ({ head, right: true }));
}

function aligned(right: boolean | undefined) {
  return { hAlign: right ? ("right" as const) : ("left" as const) };
}

/** A text broken into lines at its spaces; lines after the first begin with `indent`. */
export function paragraph(text: string, indent = ""): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    const longer = last === "" ? word : `${last} ${word}`;
    if (longer.length <= WIDTH || last === "") lines[lines.length - 1] = longer;
    else lines.push(`${indent}${word}`);
  }
  return lines.join("\n");
}
