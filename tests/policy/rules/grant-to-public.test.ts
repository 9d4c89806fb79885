import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noGrantToPublic } from "../../../policy/rules/grants";
import { messages, secret, UNKNOWN } from "../analysis";
import { inTenant, outside } from "../urns";

const GRANTS = [
  inTenant("postgresql:index/grant:Grant", "acme-connect"),
  inTenant("postgresql:index/defaultPrivileges:DefaultPrivileges", "acme-tables"),
  outside("postgresql:index/grant:Grant", "shared-grant"),
];

describe("policy no-grant-to-public", () => {
  it("passes grants to a role, and revocations from PUBLIC", async () => {
    assert.deepEqual(await violationsOf({ role: "user_acme", privileges: ["CONNECT"] }), []);
    assert.deepEqual(await violationsOf({ role: "public", privileges: [] }), []);
    for (const role of ["publican", "republic"]) {
      assert.deepEqual(await violationsOf({ role, privileges: ["CONNECT", "usage"] }), []);
    }
  });

  it("stops what grants anything to PUBLIC", async () => {
    assert.deepEqual(await violationsOf({ role: "public", privileges: ["CONNECT", "TEMPORARY"] }), [
      'It grants ["CONNECT","TEMPORARY"] to PUBLIC, and so to every tenant. Name the one role that is to have it.',
    ]);
  });

  it("recognises PUBLIC in any spelling", async () => {
    // The provider's quoting ends a name at a NUL.
    for (const role of ["PUBLIC", " public ", '"public"', "public\0ation", "\tPublic\n"]) {
      assert.equal((await violationsOf({ role, privileges: ["CONNECT"] })).length, 1, JSON.stringify(role));
    }
    assert.equal((await violationsOf({ role: secret("public"), privileges: ["CONNECT"] })).length, 1);
  });

  it("stops what it cannot understand", async () => {
    for (const privileges of ["", "CONNECT", { 0: "CONNECT" }, null]) {
      const [violation, ...more] = await violationsOf({ role: "public", privileges });
      assert.match(violation ?? "", /where a list is expected/);
      assert.deepEqual(more, []);
    }
    assert.match((await violationsOf({ role: "public" }))[0] ?? "", /for PUBLIC are not set, where a list is expected/);
    assert.match(
      (await violationsOf({ privileges: ["CONNECT"] }))[0] ?? "",
      /Its role is not set, where a name is expected/,
    );
    assert.match((await violationsOf({ role: 1, privileges: [] }))[0] ?? "", /Its role is 1, where a name is expected/);
  });

  it("stops privileges that are more than a word, whoever gets them", async () => {
    const found = await violationsOf({
      role: "user_acme",
      privileges: ["ALL ON SCHEMA s TO PUBLIC --", "USAGE", 7, ""],
    });
    assert.deepEqual(
      found,
      ['"ALL ON SCHEMA s TO PUBLIC --"', "7", '""'].map(
        (it) => `The privilege ${it} is not one word, and might grant to PUBLIC without any policy noticing.`,
      ),
    );
  });

  it("skips in a preview what is not known yet, and nothing else", async () => {
    assert.deepEqual(await violationsOf({ role: UNKNOWN, privileges: ["CONNECT"] }), []);
    assert.deepEqual(await violationsOf({ role: "public", privileges: UNKNOWN }), []);
    assert.match((await violationsOf({ role: UNKNOWN, privileges: ["CONNECT TO"] }))[0] ?? "", /is not one word/);
  });
});

/** Each type of grant gets the same messages. */
async function violationsOf(props: object): Promise<string[]> {
  const [first = [], ...others] = await Promise.all(GRANTS.map((urn) => messages(noGrantToPublic, urn, props)));
  for (const other of others) assert.deepEqual(other, first);
  return first;
}
