import { isIPv4, isIPv6 } from "node:net";

const LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
/** A last label of digits alone would be an address. */
const NAME = new RegExp(`^(?=.{1,253}$)(?!.*\\.[0-9]+$)${LABEL}(\\.${LABEL})*$`);

/** What an error says is allowed of a database's host. */
export const HOST_ALLOWED = "a host name or an IP address";

/**
 * What is wrong with a text as a database's host; undefined if nothing. An address is compared with those in the tenants' `DATABASE_URL`,
 * so only its shortest spelling passes, in which URLs have it.
 */
export function hostProblem(text: string): string | undefined {
  if (isIPv6(text)) {
    const shortest = URL.canParse(`http://[${text}]`) ? new URL(`http://[${text}]`).hostname.slice(1, -1) : undefined;
    if (shortest === undefined) return `must be ${HOST_ALLOWED}`;
    return text === shortest ? undefined : `must be spelt as URLs have it, ${shortest}`;
  }
  return isIPv4(text) || NAME.test(text) ? undefined : `must be ${HOST_ALLOWED}`;
}
