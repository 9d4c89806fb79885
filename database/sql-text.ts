/** SQL for people to paste: names quoted as the server quotes them, statements fit for a terminal. */
import { escapeIdentifier } from "pg";
import { UNPRINTABLE } from "../domain/printable";

/** The words that PostgreSQL 16 to 18 does not take for a name: all of `pg_get_keywords()` but the unreserved ones. */
const KEYWORDS: ReadonlySet<string> = new Set(
  `
  all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
  char character check coalesce collate collation column concurrently constraint create cross current_catalog
  current_date current_role current_schema current_time current_timestamp current_user dec decimal default
  deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant
  greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join
  json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize
  json_table json_value lateral leading least left like limit localtime localtimestamp merge_action national natural
  nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing
  position precision primary real references returning right row select session_user setof similar smallint some
  substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union unique
  user using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists
  xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
`
    .trim()
    .split(/\s+/),
);

/**
 * A name as the server's own `quote_ident` writes it: quoted only where it could be taken for something else, so that a statement that is
 * written here looks like one that the server writes.
 */
export function quoteIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !KEYWORDS.has(name) ? name : escapeIdentifier(name);
}

/** A text as pg's own `escapeLiteral` writes it, which puts the text together character by character: of a long one that takes long. */
export function quoteLongLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes("\\") ? ` E${quoted.replaceAll("\\", "\\\\")}` : quoted;
}

/** A name or a text in quotes, for example `quote_ident`, `quote_literal` and pg's functions write them. */
const QUOTED_TOKEN = /"(?:[^"]|"")*"|E'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'/g;

/**
 * A statement as a terminal and a log can show it, which does the same where it is pasted: it is on one line, and whatever a terminal
 * would act on in a name or a text is written as PostgreSQL's own escapes, `U&"\000a"`.
 */
export function pasteableStatement(statement: string): string {
  const printed = statement.replace(QUOTED_TOKEN, (token) =>
    token.search(UNPRINTABLE) < 0 ? token : unicodeEscaped(token),
  );
  // Outside of quotes there is nobody's name, only white space.
  return printed.replace(UNPRINTABLE, " ");
}

function unicodeEscaped(token: string): string {
  const text = token.startsWith("E") ? token.slice(1).replace(/\\([\s\S])/g, "$1") : token;
  return `U&${text.replaceAll("\\", "\\\\").replace(UNPRINTABLE, unicodeEscape)}`;
}

function unicodeEscape(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\+${code.padStart(6, "0")}` : `\\${code.padStart(4, "0")}`;
}
