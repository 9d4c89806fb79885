import { isLiteral } from "./literal-value";
import { isRandom } from "./random-text";

/** One way in which a text may hold a secret. */
export interface SecretKind {
  /** For a message. */
  readonly kind: string;
  readonly pattern: RegExp;
  /** Whether a match is a secret after all. @default every match is */
  readonly isOne?: (match: RegExpExecArray, line: string) => boolean;
}

/** How names of secrets end, as `DB_PASSWORD` or `client-secret`. */
const NAME =
  "(?:passw(?:or)?d|passphrase|(?<![a-z])pass|[_-]pwd|secret|token|credentials?" +
  "|(?:api|access|account|encryption|master|private|secret|signing)[_-]?key)[0-9]*";

const QUOTED = `\\$?"(?:[^"\\\\\\n]|\\\\.)*"|\\$?'[^'\\n]*'`;

/** Names that are given a value. Each pattern captures the value, and ends with it. */
const GIVEN = [
  // A shell, an .env, an .ini, an option.
  `${NAME}["']?[ \\t]*=[ \\t]*(${QUOTED}|[^\\s;&|"'\`]*)`,
  // YAML, JSON or a header. The name has to begin a line, a quotation or an entry: prose has colons too.
  `(?:^[ \\t]*(?:#[ \\t]*)?(?:- +)?|["'{,] ?)[\\w.-]{0,60}?${NAME}(?:["']\\s*:|:(?=\\s))[ \\t]*(${QUOTED}|[^\\s,}"']*)`,
  // An option and its value in two words.
  `--[\\w-]{0,40}?${NAME}[ \\t]+(${QUOTED}|[^\\s;&|"'\`-][^\\s;&|"'\`]*)`,
  `authorization["']?\\s*[:=]\\s*["']?(?:basic|bearer|token)[ \\t]+([^\\s"']+)`,
];

/** Pinned programs and images are named by their hashes, which are public. */
const PINNED = /sha-?(?:256|384|512)/i;

export const SECRET_KINDS: readonly SecretKind[] = [
  {
    kind: "a URL with a password",
    pattern: /:\/\/[^\s/?#@:"'`]*:([^\s@"'`]+)@/g,
    // A port and a path may stand before an `@` too.
    isOne: ([, password = ""]) => isLiteral(`"${password}"`) && !/^[0-9]+\//.test(password),
  },
  { kind: "an AWS access key", pattern: /(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])/g },
  { kind: "a private key", pattern: /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY|PuTTY-User-Key-File/g },
  { kind: "a JSON Web Token", pattern: /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g },
  // As GitHub, GitLab, Slack, Stripe, npm and Pulumi spell theirs.
  {
    kind: "an access token",
    pattern:
      /(?<![\w-])(?:gh[opsur]_\w{20}|github_pat_\w{20}|glpat-[\w-]{16}|xox[abeprs]-[\w-]{10}|[rs]k_live_\w{16}|npm_\w{30}|pul-[0-9a-f]{40})/g,
  },
  ...GIVEN.map((pattern) => ({
    kind: "a password or key in clear",
    pattern: new RegExp(pattern, "gim"),
    isOne: ({ 0: { length }, 1: value = "", index, input }: RegExpExecArray) =>
      isLiteral(value, input.slice(0, index + length - value.length)),
  })),
  {
    kind: "a long random number in hexadecimal",
    pattern: /(?<![0-9a-z])[0-9a-f]{64,}(?![0-9a-z])/gi,
    isOne: (_, line) => !PINNED.test(line),
  },
  {
    kind: "a long random text",
    pattern: /[A-Za-z0-9+/_-]{32,}/g,
    isOne: ([text], line) => isRandom(text) && !PINNED.test(line),
  },
];
