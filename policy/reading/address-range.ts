import { BlockList, isIPv4, isIPv6 } from "node:net";

/** What no router of the internet forwards: RFC 1918 and RFC 4193. Everybody's 10.0.0.0/8 is as wide as a private range gets. */
const PRIVATE = [
  { family: "ipv4", base: "10.0.0.0", bits: 8 },
  { family: "ipv4", base: "172.16.0.0", bits: 12 },
  { family: "ipv4", base: "192.168.0.0", bits: 16 },
  { family: "ipv6", base: "fc00::", bits: 7 },
] as const;

/** Whether a text is a range of addresses, as `10.0.0.0/16`, that is private from its first address to its last. */
export function isPrivateRange(text: unknown): boolean {
  const [, address = "", digits = ""] = /^([0-9a-f:.]+)\/(0|[1-9][0-9]{0,2})$/i.exec(String(text)) ?? [];
  const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
  const length = Number(digits);
  if (family === undefined || digits === "" || length > (family === "ipv4" ? 32 : 128)) return false;
  return PRIVATE.some((range) => {
    // One that holds the address and is not smaller holds the whole. By family: a BlockList takes ::ffff:10.0.0.1 for IPv4.
    if (range.family !== family || length < range.bits) return false;
    const list = new BlockList();
    list.addSubnet(range.base, range.bits, range.family);
    return list.check(address, family);
  });
}
