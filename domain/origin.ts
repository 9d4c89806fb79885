/** What tenant files may give as the frontend's URL and as further origins, which the backend's CORS check reads. */

/** What an error says is allowed of a frontend's URL. */
const FRONTEND_ALLOWED = "https://HOST or https://HOST:PORT";

/** What an error says is allowed of a further origin. Plain http is for a developer's own machine only. */
const FURTHER_ALLOWED = `${FRONTEND_ALLOWED}, or http://localhost:PORT`;

const MAX_LENGTH = 300;
const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

/** Host names in their canonical spelling, IPv4 and IPv6 addresses. Nothing here means anything to a shell or a `.env`. */
const HOST = new RegExp(`^(?=.{1,253}$)${LABEL}(\\.${LABEL})*$|^\\[[0-9a-f:]{2,39}\\]$`);

/** An editor's first approximation of `frontendUrlProblem`. */
export const FRONTEND_PATTERN = "^https://[^/?#@*\\s]+$";

/** An editor's first approximation of `originProblem`. */
export const ORIGIN_PATTERN = "^https?://[^/?#@*\\s]+$";

/** What is wrong with a text as a frontend's URL, and what is allowed; undefined if nothing. */
export function frontendUrlProblem(text: string): string | undefined {
  const problem = problemOf(text, () => false);
  return problem && `${problem} (allowed: ${FRONTEND_ALLOWED})`;
}

/** What is wrong with a text as a further origin, and what is allowed; undefined if nothing. */
export function originProblem(text: string): string | undefined {
  const problem = problemOf(text, (url) => /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname));
  return problem && `${problem} (allowed: ${FURTHER_ALLOWED})`;
}

/**
 * An origin is compared byte for byte with what browsers send, so only that spelling passes. `URL` alone is no check: it
 * drops tabs and line breaks, turns backslashes round and lower-cases, and accepts `$`, quotes and `*` in a host.
 */
function problemOf(text: string, mayBeHttp: (url: URL) => boolean): string | undefined {
  if (text.length > MAX_LENGTH) return `must be at most ${MAX_LENGTH} characters`;
  if (/[^\x21-\x7e]/.test(text)) {
    return "must be plain ASCII without spaces or control characters, international names as xn--…";
  }
  if (text.includes("@")) return "must not carry a user name or password";
  if (text.includes("*")) return "must not have a wildcard";
  if (/[?#]/.test(text)) return "must not have a query or fragment";
  const url = parsed(text);
  if (!url) return "must be a URL";
  if (url.protocol !== "https:" && !(url.protocol === "http:" && mayBeHttp(url))) return "must be https";
  if (url.pathname !== "/" || text.endsWith("/")) return "must not have a path, not even a '/' at the end";
  if (!HOST.test(url.hostname)) return "must name a host by letters, digits, '-' and '.'";
  if (text !== url.origin) return `must be spelt as browsers send it, ${url.origin}`;
  return undefined;
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
