/** Says what is wrong with a text as YAML, without quoting any of it; `yaml-value.ts` puts the parts together. */
import { type Document, type ErrorCode, Lexer } from "yaml";

/** What an error says of a text that {@link isNestedTooDeeply} stops. */
export const TOO_DEEP = "nested too deeply to be read";

/** Far more than any settings or tenant file has, and far less than the parser's recursion can take. */
const MAX_NESTING = 64;

/** Our words for the parser's codes. Its own messages may quote the text, and the text may hold a secret. */
const MESSAGES: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: "aliases (*name) are not allowed; a value that starts with * must be quoted",
  BAD_DIRECTIVE: "directives (%NAME) are not allowed",
  BAD_DQ_ESCAPE: 'not an escape sequence of a "double-quoted" text; single quotes take backslashes as they are',
  BAD_INDENT: "wrong indentation, or a bracket or quote that is not closed",
  BAD_SCALAR_START: "a value that starts with @, ` or % must be quoted",
  BLOCK_AS_IMPLICIT_KEY: "a key inside another key's value; put it on its own line, or quote the value",
  DUPLICATE_KEY: "a key that is there already; allowed: once",
  KEY_OVER_1024_CHARS: "a key of more than 1024 characters",
  MISSING_CHAR: "something is missing here: the ':' after a key, a closing quote, or a closing bracket",
  MULTILINE_IMPLICIT_KEY: "a key must be on one line and be followed by ':'",
  MULTIPLE_ANCHORS: "anchors (&name) are not allowed",
  MULTIPLE_DOCS: "a second document; allowed: one per file, without '---' between",
  MULTIPLE_TAGS: "tags (!name) are not allowed",
  RESOURCE_EXHAUSTION: TOO_DEEP,
  TAB_AS_INDENT: "a tab used as indentation; allowed: spaces",
  TAG_RESOLVE_FAILED: "tags (!name) are not allowed; write the plain value",
};

/**
 * Whether brackets, or indicators of a single line, are nested deeper than anybody writes by hand. The parser would go down until the
 * process has no stack left, of which Node 20 may die (yaml 2.9.1).
 */
export function isNestedTooDeeply(text: string): boolean {
  let [open, indicators] = [0, 0];
  for (const token of new Lexer().lex(text)) {
    if (token === "[" || token === "{") open += 1;
    else if (token === "]" || token === "}") open -= 1;
    else if (token === "-" || token === "?") indicators += 1;
    else if (token === "\n" || token === "\r\n") indicators = 0;
    if (open > MAX_NESTING || indicators > MAX_NESTING) return true;
  }
  return false;
}

/**
 * The first thing that makes a document unreadable; undefined if it can be read. Only the first, because a parser that has
 * lost its way reports the rest of the file.
 */
export function syntaxProblem(document: Document.Parsed): { offset: number; message: string } | undefined {
  const errors = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
  // How far the parser came depends on the stack that this process has, and so on the version of Node: no place to tell.
  if (errors.some(({ code }) => code === "RESOURCE_EXHAUSTION")) {
    return { offset: 0, message: MESSAGES.RESOURCE_EXHAUSTION ?? "" };
  }
  const [first] = errors;
  if (first) {
    return {
      offset: first.pos[0],
      message: MESSAGES[first.code] ?? "not valid YAML; allowed: a mapping of keys and values",
    };
  }
  const { yaml, tags } = document.directives;
  if (yaml.explicit || Object.keys(tags).some((handle) => handle !== "!!")) {
    return { offset: 0, message: MESSAGES.BAD_DIRECTIVE ?? "" };
  }
  return undefined;
}
