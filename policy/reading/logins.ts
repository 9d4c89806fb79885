/** A piece of a login that a text holds, percent-encoding undone. */
export interface LoginPart {
  /** `unclear` where programs that read the text would disagree about who logs in. */
  readonly kind: "user" | "password" | "unclear";
  readonly text: string;
}

const USER = "(?:user|user[ _-]?name|user[ _-]?id|uid|usr|login|role)";
const PASSWORD = "(?:password|passwd|passphrase|pwd|pass)";
const USER_KEY = new RegExp(`${USER}$`, "i");
const PASSWORD_KEY = new RegExp(`${PASSWORD}$`, "i");

/** `user=x` of a URL, of libpq or of an .ini, `user: x` and `"user":"x"`, whatever comes before `user`. */
const NAMED = new RegExp(
  `(?:(${USER})|${PASSWORD})(?:["']?\\s*=|["']\\s*:|:(?=\\s))\\s*("[^"]*"|'[^']*'|[^\\s&;,"'}]*)`,
  "gi",
);

/** Whether what goes by this name is a user, as `PGUSER`. */
export function namesUser(key: string): boolean {
  return USER_KEY.test(key);
}

/** Every login in a text: in URLs, in named values, and in whatever JSON holds. */
export function loginsIn(text: string): LoginPart[] {
  const leaves = jsonLeaves(text);
  if (leaves !== undefined) return leaves.flatMap(ofLeaf);
  const readable = text.includes("://") ? text : decoded(text);
  const [, ...urls] = readable.split("://").map((part) => /^[^\s"'`<>]*/.exec(part)?.[0] ?? "");
  // Without what is before an `@`: a tenant's name may end in `_user`, and a colon follows it.
  const rest = readable.replace(/:\/\/[^\s"'`<>@]*@/g, "://");
  return [...urls.flatMap(ofUrl), ...[...new Set([rest, decoded(rest)])].flatMap(ofNamedValues)];
}

/** @param url what follows `://` */
function ofUrl(url: string): LoginPart[] {
  // An `@` in the path is no login. After a colon it may be: to some programs a password may hold a slash.
  if (!url.includes("@") || /^[^:@/?#]*[/?#]/.test(url)) return [];
  const parts = /^([^:@/?#]*)(?::([^@/?#]*))?@[^@]*$/.exec(url);
  if (parts === null) return [{ kind: "unclear", text: "" }];
  const [, user = "", password = ""] = parts;
  return [
    { kind: "user", text: decoded(user) },
    { kind: "password", text: decoded(password) },
  ];
}

function ofNamedValues(text: string): LoginPart[] {
  return [...text.matchAll(NAMED)].map(([, user, value = ""]) => ({
    kind: user === undefined ? "password" : "user",
    text: value.replace(/^(["'])(.*)\1$/s, "$2"),
  }));
}

type Leaf = readonly [key: string, value: unknown];

function ofLeaf([key, value]: Leaf): LoginPart[] {
  const text = String(value);
  const named: LoginPart[] = namesUser(key)
    ? [{ kind: "user", text }]
    : PASSWORD_KEY.test(key)
      ? [{ kind: "password", text }]
      : [];
  return typeof value === "string" ? [...named, ...loginsIn(value)] : named;
}

/** What a JSON text, list or object holds, each with the key that is nearest to it; undefined if the text is nothing of the kind. */
function jsonLeaves(text: string): Leaf[] | undefined {
  if (!/^\s*["[{]/.test(text)) return undefined;
  try {
    return leavesOf("", JSON.parse(text));
  } catch {
    return undefined;
  }
}

function leavesOf(key: string, value: unknown): Leaf[] {
  if (typeof value !== "object" || value === null) return [[key, value]];
  return Object.entries(value).flatMap(([inner, one]) => leavesOf(Array.isArray(value) ? key : inner, one));
}

/** Percent-encoding undone where it is right. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
