import { DatabaseError } from "pg";
import { printable } from "../domain/printable";

/** What an error says. The server's words may hold names that somebody else chose. */
export function words(error: unknown): string {
  if (error instanceof DatabaseError) return printable(error.message);
  return error instanceof Error ? error.message : String(error);
}
