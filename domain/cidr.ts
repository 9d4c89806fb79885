import { isIP } from "node:net";

/**
 * Whether a text is an address range as AWS takes it: IPv4 or IPv6, a prefix length, and no host bits set, as
 * `203.0.113.0/24` or `2001:db8::/32`.
 */
export function isCidr(text: string): boolean {
  const [address = "", bits = "", ...more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(bits)) return false;
  // An IPv4 tail or a zone (fe80::1%eth0) is for hosts, not for ranges.
  if (version === 6 && /[.%]/.test(address)) return false;
  const width = version === 4 ? 32 : 128;
  const hostBits = width - Number(bits);
  return hostBits >= 0 && numeric(address, version) % (1n << BigInt(hostBits)) === 0n;
}

function numeric(address: string, version: number): bigint {
  if (version === 4) return address.split(".").reduce((all, byte) => all * 256n + BigInt(byte), 0n);
  const [head = "", tail] = address.split("::");
  const before = head.split(":").filter(Boolean);
  const after = (tail ?? "").split(":").filter(Boolean);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].reduce((all, group) => all * 65_536n + BigInt(`0x${group}`), 0n);
}
