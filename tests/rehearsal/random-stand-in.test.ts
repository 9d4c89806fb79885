import assert from "node:assert/strict";
import { it } from "node:test";
import { compare } from "bcryptjs";
import type { Props } from "../../rehearsal/protocol/property-values";
import { random, randomOfRehearsals } from "../../rehearsal/providers/random/provider";
import { InProcess } from "../conformance/in-process";

const PASSWORD = "random:index/randomPassword:RandomPassword";
const BYTES = "random:index/randomBytes:RandomBytes";
const ID = "random:index/randomId:RandomId";

const plugin = new InProcess(random, undefined);

async function password(inputs: Props): Promise<string> {
  return String((await plugin.create(PASSWORD, inputs)).state.result);
}

it("a password has the length and the kinds of characters that were asked for", async () => {
  assert.match(await password({ length: 40, special: false }), /^[A-Za-z0-9]{40}$/);
  assert.match(await password({ length: 12, special: false, upper: false, lower: false }), /^[0-9]{12}$/);
  assert.match(await password({ length: 9, upper: false, numeric: false, overrideSpecial: "_" }), /^[a-z_]{9}$/);
});

it("a password holds at least as many of each kind as were asked for", async () => {
  const drawn = await password({
    length: 8,
    minUpper: 2,
    minLower: 2,
    minNumeric: 2,
    minSpecial: 2,
    overrideSpecial: "%",
  });
  const count = (kind: RegExp) => drawn.match(kind)?.length;
  assert.deepEqual([count(/[A-Z]/g), count(/[a-z]/g), count(/[0-9]/g), count(/%/g)], [2, 2, 2, 2]);
});

it("a password's hash is its own, as costly as the real plugin's or, in a rehearsal, as cheap as there is", async () => {
  for (const [standIn, beginning] of [
    [random, "$2a$10$"],
    [randomOfRehearsals, "$2a$04$"],
  ] as const) {
    const { result, bcryptHash } = (await new InProcess(standIn, undefined).create(PASSWORD, { length: 8 })).state;
    assert.equal(String(bcryptHash).slice(0, beginning.length), beginning);
    assert.ok(await compare(String(result), String(bcryptHash)));
  }
});

it("a password that cannot be is refused by the check", async () => {
  const faults = async (inputs: Props) => (await plugin.check(PASSWORD, inputs)).failures;
  assert.deepEqual(await faults({}), [{ property: "length", reason: "must be an integer of at least 1, got null" }]);
  assert.equal((await faults({ length: 3, minUpper: 2, minLower: 2 }))?.[0]?.property, "length");
  const none = { length: 3, upper: false, lower: false, numeric: false, special: false };
  assert.match((await faults(none))?.[0]?.reason ?? "", /at least one of upper, lower, numeric and special/);
});

it("a changed keeper, length or kind draws a new value; anything else draws none", async () => {
  const inputs = { length: 8, special: false, keepers: { rotation: "1" } };
  const held = await plugin.create(PASSWORD, inputs);
  const replaces = async (news: Props) => (await plugin.diff(held, news)).replaces;
  assert.deepEqual(await replaces(inputs), []);
  assert.deepEqual(await replaces({ ...inputs, keepers: { rotation: "2" } }), ["keepers"]);
  assert.deepEqual(await replaces({ ...inputs, length: 9, special: true }), ["length", "special"]);
  assert.equal((await plugin.diff(held, { ...inputs, length: 9 }, ["length"])).changes, false);
  assert.equal((await plugin.diff(held, { ...inputs, upper: true, minLower: 0 })).changes, false);
});

it("empty keepers that appear are noted without drawing a new value", async () => {
  const held = await plugin.create(PASSWORD, { length: 8 });
  const { changes, diffs, replaces } = await plugin.diff(held, { length: 8, keepers: {} });
  assert.deepEqual([changes, diffs, replaces], [true, ["keepers"], []]);
  const updated = await plugin.update(held, { length: 8, keepers: {} });
  assert.deepEqual([updated.state.keepers, updated.state.result], [{}, held.state.result]);
});

it("what was drawn is secret, but for an id's", async () => {
  const create = async (type: string, inputs: Props) => {
    const handler = random.resources[type];
    assert.ok(handler);
    return handler.create({ urn: "", type, name: "", inputs, preview: false }, undefined);
  };
  const wrapped = ({ properties }: { properties: Props }) =>
    Object.keys(properties).filter((key) =>
      JSON.stringify(properties[key]).startsWith('{"4dabf18193072939515e22adb298388d'),
    );
  assert.deepEqual(wrapped(await create(PASSWORD, { length: 8 })).sort(), ["bcryptHash", "result"]);
  assert.deepEqual(wrapped(await create(BYTES, { length: 8 })).sort(), ["base64", "hex"]);
  assert.deepEqual(wrapped(await create(ID, { byteLength: 8 })), []);
});

it("an id's prefix stands before each notation, and not before the id", async () => {
  const { id, state } = await plugin.create(ID, { byteLength: 4, prefix: "vm-" });
  const bytes = Buffer.from(id, "base64url");
  assert.deepEqual(
    [state.hex, state.dec, state.b64Url, state.b64Std],
    [`vm-${bytes.toString("hex")}`, `vm-${bytes.readUInt32BE()}`, `vm-${id}`, `vm-${bytes.toString("base64")}`],
  );
});

it("a preview knows nothing that will be drawn", async () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  assert.deepEqual(await plugin.previewCreate(BYTES, { length: 4 }), { length: 4, base64: unknown, hex: unknown });
});

it("importing is refused by name", async () => {
  await assert.rejects(plugin.import(PASSWORD, "x"), /does not support importing random:index\/randomPassword/);
});
