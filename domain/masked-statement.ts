/** What is shown in the place of a literal. */
const MASK = "?";

/**
 * The tokens of PostgreSQL's lexer in which a literal can hide, or that hide where one begins. What has no end reaches to the end of
 * the text: the text may have been cut.
 */
const TOKENS = new RegExp(
  [
    String.raw`(?<comment>--[^\n]*)`,
    String.raw`(?<block>/\*)`,
    String.raw`(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    String.raw`(?<parameter>\$\d+)`,
    String.raw`(?<escapes>\b[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|\\?$))`,
    String.raw`(?<string>(?:\b(?:[bBxXnN]|[uU]&))?'(?:[^']|'')*(?:'|$))`,
    String.raw`(?<identifier>(?:\b[uU]&)?"(?:[^"]|"")*(?:"|$))`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<number>\.?\d(?:[eE][+-]|[\w.])*)`,
    String.raw`(?<space>\s+)`,
    String.raw`(?<other>[\s\S])`,
  ].join("|"),
  "gy",
);

/** The statements that give a parameter a value, where the value may be written like a name: `set app.token to s3cr3t`. */
const GIVES_VALUES = /^(?:alter|create|set)$/i;

/**
 * A statement as pg_stat_statements keeps it, on one line, with every literal and every comment taken out. The server puts `$1` for
 * the constants of a query, but keeps a command like `alter role … password '…'` as it was typed.
 */
export function maskedStatement(text: string): string {
  let shown = "";
  let first: string | undefined;
  let setting = false;
  TOKENS.lastIndex = 0;
  for (let match = TOKENS.exec(text); match !== null && match[0] !== ""; match = TOKENS.exec(text)) {
    const [token] = match;
    const { comment, block, dollar, escapes, string, number, word, space, other } = match.groups ?? {};
    if (comment !== undefined || space !== undefined) shown += " ";
    else if (block !== undefined) {
      TOKENS.lastIndex = endOfComment(text, TOKENS.lastIndex);
      shown += " ";
    } else if (dollar !== undefined) {
      const end = text.indexOf(dollar, TOKENS.lastIndex);
      TOKENS.lastIndex = end < 0 ? text.length : end + dollar.length;
      shown += MASK;
    } else if (string?.includes("\\")) {
      // With standard_conforming_strings off a backslash moves the literal's end, and nothing here tells whether it is.
      return collapsed(`${shown}${MASK}…`);
    } else if (escapes !== undefined || string !== undefined || number !== undefined) shown += MASK;
    else {
      shown += token;
      if (word !== undefined) {
        first ??= word;
        setting ||= /^set$/i.test(word);
      }
      const given = other === "=" || /^to$/i.test(word ?? "");
      if (given && setting && GIVES_VALUES.test(first ?? "")) return collapsed(`${shown} ${MASK}`);
    }
  }
  return collapsed(shown);
}

/** Comments nest. */
function endOfComment(text: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 1;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    depth += mark[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return text.length;
}

function collapsed(text: string): string {
  return text.replace(/ +/g, " ").trim();
}
