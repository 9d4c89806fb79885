import assert from "node:assert/strict";
import { compare } from "bcryptjs";
import { type Props, withoutSecretMarks } from "../../rehearsal/protocol/property-values";
import type { RecordedCall } from "./recordings";

/**
 * The answer with its random values out of the way, after checking that they are of the recorded kind: whatever was drawn
 * is checked against itself (a hash is the password's, hex and base64 are of the same bytes), not against the recording.
 */
export async function withoutDrawnValues(call: RecordedCall, response: Props): Promise<Props> {
  if (call.plugin !== "random" || call.method !== "Create" || call.request.preview === true) return response;
  const properties = withoutSecretMarks(response.properties ?? null) as Props;
  const type = String(call.request.type).split(":").at(-1) ?? "";
  const drawn = DRAWN[type];
  assert.ok(drawn, `no rule for the random values of ${type}`);
  await drawn.verify(properties, response);
  const marked = JSON.stringify(response, (key, value) => (drawn.names.includes(key) ? mark(value) : value));
  return JSON.parse(marked);
}

function mark(value: unknown): unknown {
  return typeof value === "string" ? "drawn" : { ...(value as Props), value: "drawn" };
}

interface DrawnValues {
  readonly names: readonly string[];
  verify(properties: Props, response: Props): Promise<void> | void;
}

const DRAWN: Readonly<Record<string, DrawnValues>> = {
  RandomPassword: {
    names: ["bcryptHash", "result"],
    verify: async ({ bcryptHash, result }) => {
      assert.match(String(result), /^[A-Za-z0-9]{32}$/);
      assert.match(String(bcryptHash), /^\$2a\$(04|10)\$/);
      assert.ok(await compare(String(result), String(bcryptHash)), "the hash is another password's");
    },
  },
  RandomBytes: {
    names: ["id", "base64", "hex"],
    verify: ({ base64, hex }, { id }) => {
      const bytes = Buffer.from(String(hex), "hex");
      assert.equal(bytes.length, 32);
      assert.equal(base64, bytes.toString("base64"));
      assert.equal(id, base64);
    },
  },
  RandomId: {
    names: ["id", "b64Std", "b64Url", "dec", "hex"],
    verify: (properties, { id }) => {
      const bytes = Buffer.from(String(properties.hex), "hex");
      assert.equal(bytes.length, 4);
      assert.equal(properties.b64Std, bytes.toString("base64"));
      assert.equal(properties.b64Url, bytes.toString("base64url"));
      assert.equal(properties.dec, String(bytes.readUInt32BE()));
      assert.deepEqual([id, properties.id], [properties.b64Url, properties.b64Url]);
    },
  },
};
