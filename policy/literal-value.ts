/** `$NAME`, `${NAME}` and `${NAME:-$OTHER}` of a shell, `$(command)`, a template's `{{ name }}`, printf's `%s`. */
const REFERENCES =
  /\\?\$\w+|\\?\$\{[!#]?\w+(?:\[[^\]]*\])?(?::?\?[^}]*|:?[-=+](?:\$[^}]*)?)?\}|\\?\$\([\s\S]*|\{\{[^}]*\}\}|%[bqs](?:\\n)?/g;

/** What names a place that a value is kept in, or switches something. */
const NO_VALUE =
  /^(?:(?:~|\.{1,2})?(?:\/[\w.@-]+)+\/?|arn:aws[\w:/.-]+|file:\/\/\S*|[\w.]+[([].*|true|false|yes|no|on|off|null|none|[01])$/is;

/** Whether what a name is given in a script is a value, and not a reference to one that is kept elsewhere. */
export function isLiteral(written: string): boolean {
  const value = written.replace(/^\$?(["'])([\s\S]*)\1$/, "$2");
  if (NO_VALUE.test(value)) return false;
  // Between and beside references punctuation says nothing.
  return /[a-z0-9]/i.test(value.replace(REFERENCES, "").replace(/^(?:basic|bearer|token) /i, ""));
}
