import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { instancesRequireImdsv2 } from "../../../policy/rules/server";
import { messages, UNKNOWN } from "../analysis";
import { childOfTenant } from "../urns";

const SERVER = childOfTenant("b2b:index:Server$aws:ec2/instance:Instance", "acme-instance");

const FORGED =
  /httpTokens is .*, and a request forged through the backend could fetch its credentials\. Set it to "required"\.$/;

describe("policy instances-require-imdsv2", () => {
  it("passes a server that gives its credentials by IMDSv2 to itself, or not at all", async () => {
    for (const options of [
      { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      { httpTokens: "required" },
      { httpEndpoint: "disabled", httpPutResponseHopLimit: 2 },
    ]) {
      assert.deepEqual(await violationsOf(options), []);
    }
  });

  it("stops a server that takes IMDSv1, also by default", async () => {
    for (const options of [{ httpTokens: "optional" }, { httpEndpoint: "enabled" }, {}, [], "required", null]) {
      const [violation = "", ...more] = await violationsOf(options);
      assert.match(violation, FORGED);
      assert.deepEqual(more, [], JSON.stringify(options));
    }
    assert.equal((await messages(instancesRequireImdsv2, SERVER, { ami: "ami-1" })).length, 1);
  });

  it("stops a server whose credentials are within reach of containers", async () => {
    for (const httpPutResponseHopLimit of [2, 0, "many"]) {
      const [violation = ""] = await violationsOf({ httpTokens: "required", httpPutResponseHopLimit });
      assert.match(violation, /httpPutResponseHopLimit is .*, within reach of containers\. Set it to 1\.$/);
    }
  });

  it("reports both, and the known one where the other is unknown", async () => {
    const found = async (metadataOptions: object) => (await violationsOf(metadataOptions)).length;
    assert.equal(await found({ httpTokens: "optional", httpPutResponseHopLimit: 2 }), 2);
    assert.equal(await found({ httpTokens: UNKNOWN, httpPutResponseHopLimit: 2 }), 1);
    assert.equal(await found({ httpTokens: "optional", httpPutResponseHopLimit: UNKNOWN }), 1);
    assert.equal(await found({ httpTokens: "required", httpPutResponseHopLimit: UNKNOWN }), 0);
  });

  it("shows nothing that a terminal would obey", async () => {
    const [violation = ""] = await violationsOf({ httpTokens: "\u001b[2J<{%x%}>\u202e" });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none is the point.
    assert.doesNotMatch(violation, /[\u001b\u202e]|<\{%/);
  });
});

function violationsOf(metadataOptions: unknown): Promise<string[]> {
  return messages(instancesRequireImdsv2, SERVER, { metadataOptions });
}
