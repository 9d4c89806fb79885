import { gunzipSync } from "node:zlib";

/** EC2 takes 16 KiB; what unpacks to much more than a script is none. */
const MOST_BYTES = 1024 * 1024;

/** What the provider kept in place of user data before its version 7. */
const HASH = /^[0-9a-f]{40}$/;

/** The text of user data, which may be in Base64 and compressed; undefined if it is nothing that can be read. */
export function readUserData(data: unknown): string | undefined {
  if (typeof data !== "string") return undefined;
  return isBase64(data) ? readable(Buffer.from(data, "base64")) : data;
}

function isBase64(text: string): boolean {
  const packed = text.replace(/\s/g, "");
  return packed.length >= 16 && packed.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(packed) && !HASH.test(packed);
}

function readable(bytes: Buffer): string | undefined {
  try {
    const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const content = isCompressed ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes;
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}
