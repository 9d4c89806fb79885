import { DatabaseError } from "pg";
import { printable, printableLines } from "../domain/printable";

/**
 * What an error says, fit for a terminal and a log. What a server says, with its hint, is one line of bounded length, since it may quote
 * names that somebody else chose; its details may hold a row's values, and are left out. Our own messages keep their line breaks.
 */
export function errorMessage(error: unknown): string {
  if (error instanceof DatabaseError) {
    return printable(error.message) + (error.hint ? `; hint: ${printable(error.hint.replace(/\.$/, ""))}` : "");
  }
  if (!(error instanceof Error)) return printableLines(String(error));
  // A host with two addresses fails with one error per address, and no message of its own.
  if (error instanceof AggregateError && error.message === "" && error.errors.length > 0) {
    return errorMessage(error.errors[0]);
  }
  return printableLines(error.message || (error as NodeJS.ErrnoException).code || error.name);
}
