import { join } from "node:path";
import { type Client, escapeLiteral } from "pg";
import { ownComment } from "../../foreign-objects";
import { SqlFile } from "../../sql-file";

/** A cast, with the type that it is to; PostgreSQL understands the expression too. */
const CAST =
  /::("(?:[^"]|"")+"|\w+)(\."(?:[^"]|"")+"|\.\w+)?( varying| precision)?(\(\d+(,\d+)?\))?( with(out)? time zone)?(\[\])*/g;

/**
 * A definition without what the server itself writes differently for the same object after a dump and restore, or in another
 * version: parentheses, line breaks, and where casts stand: `(a = ANY (ARRAY['x'::varchar])::text[])` comes back as
 * `(a = ANY (ARRAY[('x'::varchar)::text]))`.
 */
export function meaning(text: string): string {
  return text.replace(CAST, "").replace(/[()\s]+/g, "");
}

/** Characters of a definition or comment that are read. No person writes a longer one. */
const LONGEST = 20_000;

/** Characters of all that makes up a schema, and texts of it that are fetched together. */
const MOST_CHARACTERS = 100_000_000;
const AT_ONCE = 1_000;

const STRUCTURE = new SqlFile<object, "schema" | "longest" | "cast">(join(__dirname, "schema-structure.sql"));

/**
 * Everything that makes up a schema but its rows, sorted, one text each. Names of the schema's own objects are not qualified, so
 * that a copy in a schema of another name has the same texts. For use within `withReadingSession`.
 *
 * @throws Error when it is more than this process can be expected to hold.
 */
export async function structureOf(client: Client, schema: string): Promise<string[]> {
  // The definitions leave out the names of whichever schema the search path has when they are written. The statement itself must
  // not be parsed under that path: the tenant could have a function or an operator there that fits better than the system's.
  const values = STRUCTURE.inOrder({ schema, longest: LONGEST, cast: CAST.source });
  await client.query(`declare structure no scroll cursor for ${STRUCTURE.text}`, values);
  await client.query(`set local search_path = ${escapeLiteral(schema)}`);
  const texts: string[] = [];
  for (let characters = 0; ; ) {
    const { rows } = await client.query<[string]>({ text: `fetch ${AT_ONCE} from structure`, rowMode: "array" });
    if (rows.length === 0) break;
    for (const [text] of rows) {
      characters += text.length;
      texts.push(text);
    }
    if (characters > MOST_CHARACTERS) throw new Error(`they are longer than ${MOST_CHARACTERS} characters altogether`);
  }
  await client.query("set local search_path = pg_catalog; close structure");
  const comment = await ownComment(client, schema);
  if (comment !== null) texts.push(`comment on its schema: ${comment}`);
  return texts.sort();
}
