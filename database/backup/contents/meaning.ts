/** A cast, with the type that it is to; PostgreSQL understands the expression too. */
export const CAST =
  /::("(?:[^"]|"")+"|\w+)(\."(?:[^"]|"")+"|\.\w+)?( varying| precision)?(\(\d+(,\d+)?\))?( with(out)? time zone)?(\[\])*/g;

/**
 * A definition without what the server itself writes differently for the same object after a dump and restore, or in another
 * version: parentheses, line breaks, and where casts stand: `(a = ANY (ARRAY['x'::varchar])::text[])` comes back as
 * `(a = ANY (ARRAY[('x'::varchar)::text]))`.
 */
export function meaning(text: string): string {
  return text.replace(CAST, "").replace(/[()\s]+/g, "");
}
