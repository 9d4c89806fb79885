import { gunzipSync } from "node:zlib";

/** A server's user data with what is packed in it unpacked, to be searched. */
export function unpackedUserData(script: string): string {
  const unpacked = script.replace(/(?<=gzip -d\n).+(?=\nEND_OF_PACKED)/, (text) =>
    gunzipSync(Buffer.from(text, "base64")).toString(),
  );
  if (unpacked === script) throw new Error("nothing is packed in these user data");
  return unpacked;
}
