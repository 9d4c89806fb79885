import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { type Check, resourcePolicy, unset } from "../define-policy";
import { forMessage } from "../reading/message";
import { INSTANCE } from "../reading/resource-types";
import { envPathOf } from "../reading/tenant-names";
import { isAbsent } from "../reading/values";

/**
 * SHA-256 of each boot script that servers may have, without the values of its assignments.
 *
 * The hash is pinned here, and the pack does not read the program's script: a pull request that changed the script would change what it is
 * compared with. As it is, such a pull request has to change this list too, which puts the script before the owners of this folder.
 * A server keeps the script it was made with, so an old hash stays until every server has been replaced.
 */
export const REVIEWED: readonly string[] = ["c412dc32a2bae1f8f60993ee4956b59372d963d5672c30d9965da71f62b12179"];

/** `  printf '%s=%q\n' NAME 'VALUE'`, the only place where one tenant's script differs from another's. */
const ASSIGNMENT = /^( {2}printf '%s=%q\\n' ([a-z_]+) )'([^'\n]*)'$/gm;

/** What may be assigned. Nothing here means anything to a shell. */
const VALUES = new Map([
  ["region", /^[a-z0-9-]+$/],
  ["env_file", /^~?(\/[A-Za-z0-9_.-]+)+$/],
  ["owner", /^[a-z_][a-z0-9_-]*$/],
  ["service", /^[A-Za-z0-9_.@-]+$/],
  ["required_keys", /^[A-Z_]+( [A-Z_]+)*$/],
]);

/** The part that is the same on every server: a shell script, packed. */
const PACKED = /(?<=<<'END_OF_PACKED' \| gzip -d\n)([A-Za-z0-9+/]+={0,2})(?=\nEND_OF_PACKED\n)/;
const MAX_UNPACKED_BYTES = 65_536;

/**
 * Hash of a boot script, unpacked, the same for all tenants. A value that may not be assigned stays in it, and makes it another, as
 * does what cannot be unpacked.
 */
export function hashOfBootScript(script: string, parameterPath: string): string {
  const common = script.replace(ASSIGNMENT, (line, assignment: string, name: string, value: string) => {
    const isAllowed = name === "parameter_path" ? value === parameterPath : VALUES.get(name)?.test(value) === true;
    return isAllowed ? assignment : line;
  });
  // As a list, so that nothing that is not packed passes for what is.
  const [before, text, ...after] = common.split(PACKED);
  const parts = text === undefined ? [before] : [before, unpacked(text), ...after];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** Where zlib versions differ, they pack the same script differently: what counts is what comes out. */
function unpacked(text: string): string {
  try {
    return gunzipSync(Buffer.from(text, "base64"), { maxOutputLength: MAX_UNPACKED_BYTES }).toString();
  } catch {
    return text;
  }
}

const isReviewed: Check = ({ environment, tenant, props: { userData } }) => {
  const [script, own] = [String(userData), envPathOf(environment, tenant)];
  if (isAbsent(userData) || REVIEWED.includes(hashOfBootScript(script, own))) return [];
  const path = parameterPathOf(script);
  if (path !== undefined && REVIEWED.includes(hashOfBootScript(script, path))) return [movedAway(path, own)];
  return [
    "Its user data is not the boot script. Whatever runs on a server reads its user data: keep secrets in parameters. If the script was " +
      "changed on purpose, review it and add its hash to policy/rules/boot-script.ts.",
  ];
};

/** The path that a script reads, of the form that such a path has. */
function parameterPathOf(script: string): string | undefined {
  return /^ {2}printf '%s=%q\\n' parameter_path '((?:\/[A-Za-z0-9_.-]+)+)'$/m.exec(script)?.[1];
}

/** The program keeps the user data of a server that is there: what differs from today's path is what the server goes on reading. */
function movedAway(path: string, own: string): string {
  return (
    `It reads its parameters under ${forMessage(path)}, and the tenant's are under ${forMessage(own)}. A server keeps the path that it was made ` +
    "with: its .env would stay as it is, and its backend would be down after the next rotation. If the setting environment was " +
    "changed, change it back. To go on, raise rotation.server in the tenant's file in the same change: that makes a new server, " +
    "with another address."
  );
}

export const userDataIsTheBootScript = resourcePolicy(
  "user-data-is-the-boot-script",
  "The user data of a server is the boot script that has been reviewed, with its own tenant's path in it.",
  { [INSTANCE]: [isReviewed, unset("userDataBase64", "the boot script is given as userData.")] },
);
