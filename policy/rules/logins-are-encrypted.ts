import { shown } from "../reading/shown";
import { type Check, resourcePolicy } from "../resource-policy";

/** `allow` and `prefer` do without if the server, or whoever answers in its place, says so. */
const ENCRYPTED = ["require", "verify-ca", "verify-full"];

/** The program's dynamic resources, all of which log in. */
const DYNAMIC = ["SchemaGuard", "DropGuard", "SqlScript", "OffboardingGate"].map(
  (name) => `pulumi-nodejs:dynamic/b2b-tenants:${name}`,
);

const isEncrypted: Check = ({ props: { host, sslmode } }) =>
  ENCRYPTED.includes(sslmode) || staysOnTheMachine(host)
    ? []
    : [
        `It logs in to ${shown(host)} with sslmode ${shown(sslmode)}: a password could be read on the way. Use one of ${ENCRYPTED.join(", ")}.`,
      ];

/** As a rehearsal's server, or a tunnel's end. */
function staysOnTheMachine(host: unknown): boolean {
  return /^(localhost|127(\.[0-9]{1,3}){3}|::1|\/.*)$/.test(String(host));
}

export const loginsAreEncrypted = resourcePolicy(
  "logins-are-encrypted",
  "Nobody logs in to the database over a network in clear.",
  Object.fromEntries(["pulumi:providers:postgresql", ...DYNAMIC].map((type) => [type, isEncrypted])),
);
