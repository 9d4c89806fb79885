import { BlockList, isIPv4, isIPv6 } from "node:net";
import { type Check, type CheckedResource, resourcePolicy, unset } from "../define-policy";
import { forMessage } from "../reading/message";
import { INGRESS_RULE, INSTANCE, SECURITY_GROUP } from "../reading/resource-types";
import { isAbsent } from "../reading/values";

const SSH = 22;

/** Protocols that carry no SSH; any other is taken for TCP. */
const OTHER_PROTOCOLS = ["udp", "17", "icmp", "1", "icmpv6", "58"];
const ALL_PROTOCOLS = ["-1", "all"];

/** What no router of the internet forwards: RFC 1918 and RFC 4193. */
const PRIVATE = [
  { family: "ipv4", base: "10.0.0.0", bits: 8 },
  { family: "ipv4", base: "172.16.0.0", bits: 12 },
  { family: "ipv4", base: "192.168.0.0", bits: 16 },
  { family: "ipv6", base: "fc00::", bits: 7 },
] as const;

/**
 * A check for each property, so that one which is not known yet hides no other. Nobody sees here what is in a prefix list. The members of a
 * named security group are known servers.
 */
const letsNobodyIn = ["cidrIpv4", "cidrIpv6", "prefixListId"].map(
  (property): Check<CheckedResource> =>
    ({ props }) =>
      isAbsent(props[property]) || isPrivateRange(props[property]) || !coversSsh(props)
        ? []
        : [
            `It lets ${forMessage(props[property])} reach port 22 (SSH). Name private ranges alone, or none: the way in is Session Manager, ` +
              "which needs no port.",
          ],
);

function coversSsh({ ipProtocol, fromPort, toPort }: Readonly<Record<string, unknown>>): boolean {
  const protocol = String(ipProtocol).toLowerCase();
  if (OTHER_PROTOCOLS.includes(protocol)) return false;
  return ALL_PROTOCOLS.includes(protocol) || !(port(fromPort) > SSH || port(toPort) < SSH);
}

/** -1 is every port. Whatever is no number compares as neither above nor below, and so covers. */
function port(value: unknown): number {
  const isNumber = typeof value === "number" || (typeof value === "string" && /^[0-9]+$/.test(value));
  return isNumber && value !== -1 ? Number(value) : Number.NaN;
}

/** Whether a text is a range of addresses, for example `10.0.0.0/16`, that is private from its first address to its last. */
function isPrivateRange(text: unknown): boolean {
  const [, address = "", digits = ""] = /^([0-9a-f:.]+)\/(0|[1-9][0-9]{0,2})$/i.exec(String(text)) ?? [];
  const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
  const length = Number(digits);
  if (family === undefined || length > (family === "ipv4" ? 32 : 128)) return false;
  return PRIVATE.some((range) => {
    // One that holds the address and is not smaller holds the whole. By family: a BlockList takes ::ffff:10.0.0.1 for IPv4.
    if (range.family !== family || length < range.bits) return false;
    const list = new BlockList();
    list.addSubnet(range.base, range.bits, range.family);
    return list.check(address, family);
  });
}

const ELSEWHERE = "it brings what no policy sees. Use the server's own arguments.";

export const noPublicSsh = resourcePolicy(
  "no-public-ssh",
  "Nothing but a private network reaches port 22, and no server takes an SSH key.",
  {
    [INSTANCE]: [
      unset("keyName", "the way in is Session Manager, which needs no key."),
      // Keys and security groups that are declared elsewhere; a launch template also brings user data and a role.
      unset("launchTemplate", ELSEWHERE),
      unset("networkInterfaces", ELSEWHERE),
      unset("primaryNetworkInterface", ELSEWHERE),
      unset("secondaryNetworkInterfaces", ELSEWHERE),
      unset("securityGroups", ELSEWHERE),
    ],
  },
  {
    [INGRESS_RULE]: letsNobodyIn,
    [SECURITY_GROUP]: unset("ingress", "each rule is a SecurityGroupIngressRule of its own."),
  },
);
