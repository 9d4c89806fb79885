/** Says which of the server's own catalogs and functions somebody has taken from everybody, and how to get them back. */
import { join } from "node:path";
import { type Client, DatabaseError } from "pg";
import { printable } from "../domain/printable";
import { errorMessage } from "./error-message";
import { deniedTo, isDenied } from "./session-end";
import { SqlFile } from "./sql-file";
import { quoteIdentifier } from "./sql-text";

/** A statement that gives a right back, and the role that may run it, besides superusers. */
export interface RightBack {
  readonly as: string;
  readonly statement: string;
}

interface Taken {
  readonly owner: string;
  readonly privilege: string;
  readonly kind: string;
  /** null for what is in none. */
  readonly schema: string | null;
  /** Quoted, with the types of its arguments. */
  readonly name: string;
}

const TAKEN_RIGHTS = new SqlFile<Taken, "words">(join(__dirname, "taken-rights.sql"));

export const TAKEN = "the server gives everybody that right, and somebody has taken it away";

/** The tables that the query reads itself; of these, the superuser that made the server is the owner. */
const ITS_TABLES: readonly string[] = ["pg_class", "pg_init_privs", "pg_language", "pg_proc"];
const ITS_OWNER = "select 10::oid::regrole::text as owner";

/**
 * What a session was refused, as far as it is one of the server's own relations, routines or languages and everybody may use it where
 * nobody has taken that away; nothing after any other failure.
 *
 * @param client The session that was refused. If it is in a transaction, that one is rolled back.
 */
export async function takenRights(client: Client, error: unknown): Promise<RightBack[]> {
  if (!isDenied(error)) return [];
  const taken = await lookUp(client, wordsOf(error)).catch(() => []);
  return taken.map(({ owner, privilege, kind, schema, name }) => {
    const qualified = schema === null || name.startsWith(`${schema}.`) ? name : `${schema}.${name}`;
    const grantee = quoteIdentifier(client.user ?? "");
    return { as: owner, statement: `grant ${privilege} on ${kind} ${qualified} to ${grantee}` };
  });
}

function wordsOf(error: unknown): string[] {
  return errorMessage(error).match(/[\w$]+/g) ?? [];
}

async function lookUp(client: Client, words: readonly string[]): Promise<Taken[]> {
  await client.query("rollback; set statement_timeout = '5s'");
  return TAKEN_RIGHTS.rows(client, { words }).catch(async (error: unknown) => {
    const { rows } = await client.query<{ owner: string }>(ITS_OWNER);
    return ITS_TABLES.filter((name) => [...words, ...wordsOf(error)].includes(name)).map((name) => ({
      owner: rows[0]?.owner ?? "",
      privilege: "select",
      kind: "table",
      schema: "pg_catalog",
      name,
    }));
  });
}

/**
 * The error to fail with in place of the one that a session's work has failed with: where a right was taken away that the work needs, it
 * also says how to give it back.
 *
 * @param error May be one of ours that quotes the server's words.
 */
export async function sayingTakenRights(client: Client, error: unknown): Promise<unknown> {
  const denied = deniedTo(client);
  const message = errorMessage(error);
  if (denied === undefined || !message.includes(errorMessage(denied))) return error;
  const rights = await takenRights(client, denied);
  if (rights.length === 0) return error;
  const where = `Run this in database ${quoteIdentifier(client.database ?? "")}, and then the same again:`;
  const lines = rights.map(({ as, statement }) => `-- as ${printable(as)}, or as another superuser:\n${statement};`);
  const told = `${message.replace(/\.$/, "")}; ${TAKEN}. ${where}\n${lines.join("\n")}`;
  if (!(error instanceof Error) || error instanceof DatabaseError) return new Error(told);
  error.message = told;
  return error;
}
