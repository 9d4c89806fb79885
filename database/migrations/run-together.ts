/** Runs files of which each has a transaction to itself, many of them in one message to the server. */
import { escapeIdentifier } from "pg";
import { BatchFailed, sendBatch } from "../batch";
import { type CarryOut, type FileRun, StatementFailed, throwFailure, withLockRetries } from "./file-run";
import { UNIQUE_VIOLATION } from "./ledger-table";

/** Another run's file may take as long as that. Nobody but the program waits for the ledger. */
const LEDGER_TIMEOUT = "10min";

/** The server parses a message as a whole before it begins. */
const MOST_CHARACTERS = 1_000_000;

/** What an attempt has come to. */
interface Outcome {
  /** So many of the files are done, by this session or by another one. */
  readonly done: number;
  /** Names of those that this session has run. */
  readonly ran: readonly string[];
  /** What the file after them failed with. */
  readonly error?: unknown;
}

/**
 * Runs files in their order.
 *
 * @param onRun Told the name of each file that this session has run, and not another one meanwhile.
 * @throws Error of the first file that fails; those before it have been run.
 */
export async function runTogether(runs: readonly FileRun[], onRun: (name: string) => void): Promise<void> {
  let rest = runs;
  let failed: Outcome | undefined;
  for (let [run] = rest; run !== undefined; [run] = rest) {
    const first = run;
    // Each file is tried as often as one alone, whichever message it was in.
    await withLockRetries(first.target, async () => {
      const { done, ran, error } = failed ?? (await attempt(messageOf(rest)));
      failed = undefined;
      if (done === 0) throwFailure(first, error);
      ran.forEach(onRun);
      rest = rest.slice(done);
      if (error !== undefined) failed = { done: 0, ran: [], error };
    });
  }
}

/** The first of some files, at least one, that go to the server together. */
function messageOf(runs: readonly FileRun[]): readonly FileRun[] {
  let characters = 0;
  const end = runs.findIndex(({ file }, index) => {
    characters += file.text.length;
    return index > 0 && characters > MOST_CHARACTERS;
  });
  return end === -1 ? runs : runs.slice(0, end);
}

async function attempt(runs: readonly FileRun[]): Promise<Outcome> {
  const [first] = runs as readonly [FileRun];
  const { client, carryOut } = first;
  const names = runs.map(({ file }) => file.name);
  try {
    if (carryOut !== undefined) {
      await runWatched(first, carryOut);
      return { done: 1, ran: names.slice(0, 1) };
    }
    const texts = (run: FileRun) => [...beginning(run), ...run.statements.map(({ text }) => text), ...ending(run)];
    await sendBatch(client, runs.flatMap(texts));
    return { done: runs.length, ran: names };
  } catch (error) {
    // Only a lost session refuses to roll back, and the server rolls that one back by itself.
    await client.query("rollback").catch(() => {});
    if (!(error instanceof BatchFailed)) return { done: 0, ran: [], error };
    // What this server cannot parse keeps it from carrying out anything of the message.
    if (error.completed === 0 && runs.length > 1) return attempt([first]);
    const { done, place } = fileAt(runs, error.index);
    const run = runs[done] ?? first;
    const ran = names.slice(0, done);
    const statement = run.statements[place - beginning(run).length];
    if (statement !== undefined) return { done, ran, error: new StatementFailed(statement, error.cause) };
    const claimed = place < beginning(run).length && error.cause.code === UNIQUE_VIOLATION;
    if (claimed && (await run.ledger.has(run.file))) return { done: done + 1, ran };
    return { done, ran, error: error.cause };
  }
}

/** Each statement is carried out by whoever watches. */
async function runWatched(run: FileRun, carryOut: CarryOut): Promise<void> {
  const { client, statements } = run;
  await sendBatch(client, beginning(run)).catch(withoutBatch);
  for (const statement of statements) {
    await carryOut(run, statement).catch((error: unknown) => {
      throw new StatementFailed(statement, error);
    });
  }
  await sendBatch(client, ending(run)).catch(withoutBatch);
}

function withoutBatch(error: unknown): never {
  throw error instanceof BatchFailed ? error.cause : error;
}

function beginning({ ledger, target, file, isNoted }: FileRun): string[] {
  return [
    "begin",
    `set local lock_timeout = '${LEDGER_TIMEOUT}'`,
    ...ledger.claim(file, isNoted),
    `set local lock_timeout = ${target.lockTimeout}`,
    `set local search_path to ${escapeIdentifier(target.schema)}`,
  ];
}

function ending({ ledger, file }: FileRun): string[] {
  return [ledger.timing(file), "commit"];
}

/** How many files of a message come before a statement, and its place in its own file's part. */
function fileAt(runs: readonly FileRun[], index: number): { readonly done: number; readonly place: number } {
  let place = index;
  let done = 0;
  for (const run of runs) {
    const length = beginning(run).length + run.statements.length + ending(run).length;
    if (place < length) break;
    place -= length;
    done += 1;
  }
  return { done, place };
}
