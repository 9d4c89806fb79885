/** How the engine marks a secret that it wraps. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** What secrets are called, with whatever before it. */
export const SECRET_WORD =
  "(?<!encrypted)(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|(?:secret|private|api|access)_?key)";

/** `password=…`, `"password": "…"`, `password '…'`: a secret after its name, as shells, libpq, JSON and SQL write it, on one line. */
const NAMED_SECRET = new RegExp(
  String.raw`(${SECRET_WORD}(?:\\?["'])?(?:\s*=\s*|\s*:\s*(?=\\?["'])|\s+(?=e?')))` +
    String.raw`(?:\\?"(?:[^"\\\n]|\\.)*"?|e?'(?:[^'\\\n]|\\.|'')*'?|[^\s&;,"']+)`,
  "gi",
);

/** What the engine's wrapping of a secret holds. */
const WRAPPED_SECRET = /("(?:value|plaintext|ciphertext)"\s*:\s*)"(?:[^"\\]|\\.)*"?/gs;

/** A text of somebody's, as an error message, without the logins that may stand in its URLs, and without secrets after their names. */
export function withoutSecrets(text: string): string {
  const named = text.replace(/\S+/g, withoutLogin).replace(NAMED_SECRET, "$1***");
  return text.includes(SIGNATURE) ? named.replace(WRAPPED_SECRET, '$1"***"') : named;
}

/**
 * `scheme://user:password@`, up to the last `@` of a word: a password may hold anything. Without regular expressions, since the text
 * may be long, and made to be slow.
 */
function withoutLogin(word: string): string {
  const start = word.indexOf("://") + "://".length;
  const end = word.lastIndexOf("@");
  if (start < "://".length || end < start) return word;
  const login = word.slice(start, end);
  const isPath = login.includes("/") && !login.includes(":");
  return isPath || login === "***" ? word : `${word.slice(0, start)}***${word.slice(end)}`;
}
