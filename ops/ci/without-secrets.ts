/** How the engine marks a secret that it wraps. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** What secrets are called, with whatever before it. */
export const SECRET_WORD =
  "(?<!encrypted)(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|(?:secret|private|api|access)_?key)";

/** `password=…`, `"password": "…"`, `password '…'`: a secret after its name, as shells, libpq, JSON and SQL write it, on one line. */
const NAMED_SECRET = new RegExp(
  String.raw`(${SECRET_WORD}(?:\\?["'])?(?:\s*=\s*|\s*:\s*(?=\\?["'])|\s+(?=e?')))` +
    String.raw`(?:\\?"(?:[^"\\\n]|\\.)*"?|e?'(?:[^'\\\n]|\\.|'')*'?|[^\s&"']+)`,
  "gi",
);

/** `password: …` as YAML writes it, where the name begins a line: prose has colons too. What is in quotes has its end above. */
const YAML_SECRET = new RegExp(
  String.raw`^([ \t]*(?:[-+~#][ \t]+)*[\w.:/-]*?${SECRET_WORD}(?:[ \t]*:[ \t]+))(?!["'\\]|\*\*\*)[^\s][^\n]*`,
  "gim",
);

const AUTHORIZATION =
  /(authorization(?:\\?["'])?\s*[:=]\s*(?:\\?["'])?(?:basic|bearer|digest|negotiate|token)\s+)[^\s"'\\]+/gi;

/** What is a secret by its looks: keys of AWS, tokens of GitHub, GitLab, Slack, Stripe, npm and Pulumi, JSON Web Tokens. */
const TOKEN = new RegExp(
  [
    "(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])",
    String.raw`(?<![\w-])(?:gh[opsur]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,}` +
      String.raw`|[rs]k_live_\w{16,}|npm_\w{30,}|pul-[0-9a-f]{40,}|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*)`,
  ].join("|"),
  "g",
);

/** To its end, or that of the text, which may be cut. */
const PRIVATE_KEY = /(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)[\s\S]*?(-----END |$)/g;

/** What the engine's wrapping of a secret holds. */
const WRAPPED_SECRET = /("(?:value|plaintext|ciphertext)"\s*:\s*)"(?:[^"\\]|\\.)*"?/gs;

/** A text of somebody's, as an error message, without the logins that may stand in its URLs, and without secrets: those after their names, and those that look like one. */
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
