/** How the engine marks a secret that it wraps. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** How the name of a secret ends, whatever stands before. */
const SECRET_WORD =
  "(?<!encrypted)(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|(?:secret|private|api|access)_?key)";

/** `password=…`, `"password": "…"`, `password '…'`: a secret after its name, as shells, libpq, JSON and SQL write it, on one line. */
const NAMED_SECRET = new RegExp(
  String.raw`(${SECRET_WORD}(?:\\?["'])?(?:\s*=\s*|\s*:\s*(?=\\?["'])|\s+(?=e?')))` +
    String.raw`(?:\\?"(?:[^"\\\n]|\\.)*"?|e?'(?:[^'\\\n]|\\.|'')*'?|[^\s&"']+)`,
  "gi",
);

/** `password: …` as YAML writes it, only at the beginning of a line, since prose has colons too. Quoted values are handled above. */
const YAML_SECRET = new RegExp(
  String.raw`^([ \t]*(?:[-+~#][ \t]+)*[\w.:/-]*?${SECRET_WORD}(?:[ \t]*:[ \t]+))(?!["'\\]|\*\*\*)[^\s][^\n]*`,
  "gim",
);

const AUTHORIZATION =
  /(authorization(?:\\?["'])?\s*[:=]\s*(?:\\?["'])?(?:basic|bearer|digest|negotiate|token)\s+)[^\s"'\\]+/gi;

/** Secrets that are known by their form: keys of AWS, tokens of GitHub, GitLab, Slack, Stripe, npm and Pulumi, JSON Web Tokens. */
const TOKEN = new RegExp(
  [
    "(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])",
    String.raw`(?<![\w-])(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}` +
      String.raw`|[rs]k_live_\w{16,}|npm_\w{30,}|pul-[0-9a-f]{40,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)`,
  ].join("|"),
  "g",
);

/** Up to its end line, or the end of the text, which may be cut off. */
const PRIVATE_KEY = /(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)[\s\S]*?(-----END |$)/g;

/** The value in the engine's wrapping of a secret. */
const WRAPPED_SECRET = /("(?:value|plaintext|ciphertext)"\s*:\s*)"(?:[^"\\]|\\.)*"?/gs;

/**
 * A text that somebody else wrote, for example an error message, without logins in URLs and without secrets: those that follow the
 * name of one, and those that have the form of one.
 */
export function withoutSecrets(text: string): string {
  const named = text
    .replace(PRIVATE_KEY, "$1***$2")
    .replace(/\S+/g, withoutLogin)
    .replace(AUTHORIZATION, "$1***")
    .replace(NAMED_SECRET, "$1***")
    .replace(YAML_SECRET, "$1***")
    .replace(TOKEN, "***");
  return text.includes(SIGNATURE) ? named.replace(WRAPPED_SECRET, '$1"***"') : named;
}

/**
 * `scheme://user:password@`, up to the last `@` of a word: a password may hold anything. Without regular expressions, since the text
 * may be long, and written to make them slow.
 */
function withoutLogin(word: string): string {
  const start = word.indexOf("://") + "://".length;
  const end = word.lastIndexOf("@");
  if (start < "://".length || end < start) return word;
  const login = word.slice(start, end);
  const isPath = login.includes("/") && !login.includes(":");
  return isPath || login === "***" ? word : `${word.slice(0, start)}***${word.slice(end)}`;
}
