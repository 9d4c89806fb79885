import { randomBytes } from "node:crypto";
import { atLeast } from "./lengths";
import type { RandomResource } from "./resource";

/** `RandomBytes`: secret bytes, as base64 and as hex. Its id is the value itself, as in the real plugin. */
export const randomBytesResource: RandomResource = {
  inputs: { keepers: null, length: null },
  optional: { keepers: "map" },
  drawn: ["base64", "hex"],
  secrets: ["base64", "hex"],
  validate: (inputs) => atLeast(inputs, "length", 1),
  draw: async ({ length }) => {
    const bytes = randomBytes(Number(length));
    const base64 = bytes.toString("base64");
    return { id: base64, outputs: { base64, hex: bytes.toString("hex") } };
  },
};
