/** `$NAME`, `${NAME}` and `${NAME:-$OTHER}` of a shell, `$(command)`, a template's `{{ name }}`, printf's `%s`. */
const REFERENCES =
  /\\?\$\w+|\\?\$\{[!#]?\w+(?:\[[^\]]*\])?(?::?\?[^}]*|:?[-=+](?:\$[^}]*)?)?\}|\\?\$\([\s\S]*|\{\{[^}]*\}\}|%[bqs](?:\\n)?/g;

/** The same in single quotes, in which a shell expands nothing, but what fills in templates does. */
const TEMPLATE_REFERENCES = /\$\{\w+\}|\{\{[^}]*\}\}|%[bqs](?:\\n)?/g;

/** What names a place that a value is kept in, or switches something. */
const NO_VALUE =
  /^(?:(?:~|\.{1,2})?(?:\/[\w.@-]+)+\/?|arn:aws[\w:/.-]+|file:\/\/\S*|true|false|yes|no|on|off|null|none|[01])$/i;

/** In quotes it is a text as any other. */
const CALL = /^[\w.]+[([]/;

/** Whether what a name is given in a script is a value, and not a reference to one that is kept elsewhere. */
export function isLiteral(written: string, before = ""): boolean {
  const [, quote, quoted] = /^\$?(["'])([\s\S]*)\1$/.exec(written) ?? [];
  const value = quoted ?? written;
  if (NO_VALUE.test(value) || (quote === undefined && CALL.test(value))) return false;
  const isOneWord = quote === "'" && !/\s/.test(value);
  const references = isOneWord && !isExpanded(before) ? TEMPLATE_REFERENCES : REFERENCES;
  // Between and beside references punctuation says nothing.
  return /[a-z0-9]/i.test(value.replace(references, "").replace(/^(?:basic|bearer|token) /i, ""));
}

/** Whether a single quote after this text quotes nothing: it stands in double quotes or a here-document, or ends others. */
function isExpanded(before: string): boolean {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  if (/["']/.test(line.replace(/\\.|"(?:[^"\\]|\\.)*"|'[^']*'/g, ""))) return true;
  const [, word, text = ""] = /^[\s\S]*(?<!<)<<-?[ \t]*([a-z_]\w*)\b([\s\S]*)$/i.exec(before) ?? [];
  return word !== undefined && !new RegExp(`^\\t*${word}\\r?$`, "m").test(text);
}
