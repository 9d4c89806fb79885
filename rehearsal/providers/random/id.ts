import { randomBytes } from "node:crypto";
import { atLeast } from "./lengths";
import type { RandomResource } from "./resource";

/** `RandomId`: bytes that are no secret, in five notations, each with the optional prefix (but not the id). */
export const randomIdResource: RandomResource = {
  inputs: { byteLength: null, keepers: null, prefix: null },
  optional: { keepers: "map", prefix: "string" },
  drawn: ["b64Std", "b64Url", "dec", "hex", "id"],
  secrets: [],
  validate: (inputs) => atLeast(inputs, "byteLength", 1),
  draw: async ({ byteLength, prefix }) => {
    const bytes = randomBytes(Number(byteLength));
    const id = bytes.toString("base64url");
    const before = prefix ?? "";
    const outputs = {
      b64Std: `${before}${bytes.toString("base64")}`,
      b64Url: `${before}${id}`,
      dec: `${before}${BigInt(`0x${bytes.toString("hex")}`)}`,
      hex: `${before}${bytes.toString("hex")}`,
      id,
    };
    return { id, outputs };
  },
};
