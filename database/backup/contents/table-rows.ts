import { type Client, escapeIdentifier, Query } from "pg";
import { RowsChecksum } from "./rows-checksum";

/**
 * Counts and hashes a table's rows as COPY sends them, one message each. COPY of a table is the one way to read it that runs nothing
 * of its owner's: the planner of a SELECT already evaluates constant calls in the table's index predicates and statistics.
 *
 * @param columns Their order counts.
 */
export async function checksumOf(
  client: Client,
  schema: string,
  table: string,
  columns: readonly string[],
): Promise<Pick<RowsChecksum, "rows" | "checksum">> {
  const list = columns.length > 0 ? `(${columns.map(escapeIdentifier).join(", ")})` : "";
  const text = `copy ${escapeIdentifier(schema)}.${escapeIdentifier(table)} ${list} to stdout`;
  const sum = new RowsChecksum();
  await new Promise<void>((resolve, reject) => {
    client.query(new CopyOut(text, sum.add, (error) => (error ? reject(error) : resolve())));
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
