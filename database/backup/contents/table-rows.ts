import { hash } from "node:crypto";
import { type Client, escapeIdentifier, Query } from "pg";
import { inServersWords } from "../../session-end";

/** Rows are told of by so many: few enough for a line that is drawn a few times a second, and too many to cost anything. */
const TOLD_ROWS = 8192;

/**
 * Counts and hashes a table's rows as COPY sends them, one message each. COPY of a table is the one way to read it that runs nothing
 * of its owner's: the planner of a SELECT already evaluates constant calls in the table's index predicates and statistics.
 *
 * @param columns Their order counts.
 * @param onRows Told now and then how many rows have come.
 */
export async function checksumOf(
  client: Client,
  schema: string,
  table: string,
  columns: readonly string[],
  onRows: (rows: number) => void,
): Promise<Pick<RowsChecksum, "rows" | "checksum">> {
  const list = columns.length > 0 ? `(${columns.map(escapeIdentifier).join(", ")})` : "";
  const text = `copy ${escapeIdentifier(schema)}.${escapeIdentifier(table)} ${list} to stdout`;
  const sum = new RowsChecksum();
  const onRow = (row: Buffer) => {
    sum.add(row);
    if (sum.rows % TOLD_ROWS === 0) onRows(sum.rows);
  };
  await new Promise<void>((resolve, reject) => {
    client.query(new CopyOut(text, onRow, (error) => (error ? reject(inServersWords(client, error)) : resolve())));
  });
  return sum;
}

/** A statement whose COPY data, which the driver itself drops, are handed on. */
class CopyOut extends Query {
  constructor(
    text: string,
    private readonly onRow: (row: Buffer) => void,
    callback: (error: Error | undefined) => void,
  ) {
    super(text, callback);
  }

  /** Called by the driver for each message. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.onRow(chunk);
  }
}

/** Each sum takes as many bits of a row's hash as a number holds exactly, with room for one carry: 52, or 13 hexadecimal digits. */
const DIGITS = 13;
const MODULUS = 2 ** (4 * DIGITS);

/**
 * Counts rows, and adds up a hash of each: the order of the rows does not matter, and a row that is there twice does. Two
 * different tables have the same sum about once in 2^104.
 */
export class RowsChecksum {
  rows = 0;
  private high = 0;
  private low = 0;

  readonly add = (row: Buffer): void => {
    // A character for each byte: of all forms that Node gives a hash in, the one that costs least, and this is what a gate's time
    // for reading goes into.
    const digest = hash("sha256", row, "binary");
    this.rows += 1;
    this.high =
      (this.high + bits(digest, 0, 3) * 2 ** 28 + bits(digest, 3, 3) * 2 ** 4 + (bits(digest, 6, 1) >> 4)) % MODULUS;
    this.low =
      (this.low + (bits(digest, 6, 1) & 15) * 2 ** 48 + bits(digest, 7, 3) * 2 ** 24 + bits(digest, 10, 3)) % MODULUS;
  };

  get checksum(): string {
    return [this.high, this.low].map((sum) => sum.toString(16).padStart(DIGITS, "0")).join("");
  }
}

/** The checksum of the rows of two tables. */
export function sumOfChecksums(one: string, other: string): string {
  const halves = (checksum: string) =>
    [checksum.slice(0, DIGITS), checksum.slice(DIGITS)].map((half) => Number.parseInt(half, 16));
  const others = halves(other);
  return halves(one)
    .map((half, i) => ((half + (others[i] ?? 0)) % MODULUS).toString(16).padStart(DIGITS, "0"))
    .join("");
}

/** The number that some bytes, at most three, are. */
function bits(digest: string, first: number, count: number): number {
  let value = 0;
  for (let index = first; index < first + count; index += 1) value = (value << 8) | digest.charCodeAt(index);
  return value;
}
