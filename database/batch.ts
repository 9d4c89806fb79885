import { type Client, DatabaseError, Query } from "pg";
import { inServersWords } from "./session-end";

/** Which statement of a batch the server refused. */
export class BatchFailed extends Error {
  constructor(
    /** Its place in the batch, from 0. */
    readonly index: number,
    /** How many have been carried out: those before it, or none if the server cannot parse it. */
    readonly completed: number,
    /** As if the statement had been sent alone: a position is one in its own text. */
    override readonly cause: DatabaseError,
  ) {
    super(cause.message, { cause });
  }
}

/** Between two statements: the text of one may end in a comment. */
export const SEPARATOR = "\n;\n";

/**
 * Sends statements in one message, which saves waiting for each. What they select is thrown away.
 *
 * @param statements Exactly one in each text.
 * @throws BatchFailed when the server refuses one; none after it has been carried out.
 */
export async function sendBatch(client: Client, statements: readonly string[]): Promise<void> {
  const text = statements.join(SEPARATOR);
  let batch: Batch | undefined;
  const failed = await new Promise<Error | undefined>((resolve) => {
    batch = new Batch(text, (error) => resolve(error ?? undefined));
    client.query(batch);
  });
  if (failed === undefined) return;
  const error = inServersWords(client, failed);
  if (!(error instanceof DatabaseError)) throw error;
  const { position } = error;
  const completed = batch?.completed ?? 0;
  if (position === undefined) throw new BatchFailed(completed, completed, error);
  const [index, start] = statementAt(statements, Number(position) - 1);
  error.position = String(Number(position) - start);
  throw new BatchFailed(index, completed, error);
}

/** The server counts characters, not UTF-16 units. @returns The statement's index, and the characters before it. */
function statementAt(statements: readonly string[], position: number): [index: number, start: number] {
  let start = 0;
  for (const [index, statement] of statements.entries()) {
    const next = start + Array.from(statement).length + SEPARATOR.length;
    if (position < next) return [index, start];
    start = next;
  }
  return [statements.length - 1, start];
}

class Batch extends Query {
  completed = 0;

  /** Called by the driver when a statement has been carried out; there is one such message for each. */
  handleCommandComplete(): void {
    this.completed += 1;
  }

  /** Called by the driver for each row. */
  handleDataRow(): void {}
}
