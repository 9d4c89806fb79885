import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, it } from "node:test";
import { Alias } from "@pulumi/pulumi/proto/alias_pb";
import { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Deployment } from "../../rehearsal/engine/deployment";
import { goalOf } from "../../rehearsal/engine/goal";
import { Providers } from "../../rehearsal/engine/providers";
import { Run } from "../../rehearsal/engine/run";
import { Snapshot } from "../../rehearsal/engine/snapshot";
import type { ResourceState } from "../../rehearsal/engine/state";
import { StateFile } from "../../rehearsal/engine/state-file";

const { CustomTimeouts } = RegisterResourceRequest;

// What the engine left out in silence, a rehearsal would hold to be right and Pulumi would do otherwise.
describe("what the rehearsal's engine does not support it refuses by name", () => {
  const plain = () => new RegisterResourceRequest().setName("it").setType("a:b:C").setCustom(true);

  for (const [option, use] of [
    ["a remote component", (request) => request.setRemote(true)],
    ["customTimeouts", (request) => request.setCustomtimeouts(new CustomTimeouts().setDelete("5m"))],
    ["pluginDownloadURL", (request) => request.setPlugindownloadurl("https://example.com")],
    ["replaceOnChanges", (request) => request.setReplaceonchangesList(["size"])],
    ["retainOnDelete", (request) => request.setRetainondelete(true)],
    ['ignoreChanges of a part of an input ("tags.owner")', (request) => request.setIgnorechangesList(["tags.owner"])],
    ['ignoreChanges of a part of an input ("*")', (request) => request.setIgnorechangesList(["*"])],
  ] satisfies [string, (request: RegisterResourceRequest) => unknown][]) {
    it(`${option} of a resource`, () => {
      const request = plain();
      use(request);
      const message = `it (a:b:C) uses ${option}, which the rehearsal engine does not support`;
      assert.throws(() => goalOf(request, "s", "p"), { message });
    });
  }

  for (const [kind, use] of [
    ["a URN", (request) => request.setAliasesList([new Alias().setUrn("urn:pulumi:s::p::a:b:Old::it")])],
    ["a URN of an older SDK", (request) => request.setAliasurnsList(["urn:pulumi:s::p::a:b:Old::it"])],
    ["a type", (request) => request.setAliasesList([new Alias().setSpec(new Alias.Spec().setType("a:b:Old"))])],
  ] satisfies [string, (request: RegisterResourceRequest) => unknown][]) {
    it(`a rename of what exists, by an alias that is ${kind}; one of what does not exist means nothing`, async () => {
      const request = plain();
      use(request);
      const existing = (urn: string): ResourceState => ({ urn, custom: true, id: "1", type: "a:b:Old" });
      const register = (known: readonly ResourceState[]) => {
        const options = {
          project: "p",
          stack: "s",
          config: { values: {}, secretKeys: [] },
          preview: true,
          continueOnError: false,
          parallel: 1,
        };
        const snapshot = new Snapshot({ resources: known, pendingOperations: [] }, undefined);
        const providers = new Providers(
          () => async () => assert.fail("a plugin is started"),
          "127.0.0.1:1",
          () => {},
        );
        const deployment = new Deployment(
          new Run({ ...options, observer: {} }, known, snapshot, providers),
          [],
          undefined,
        );
        return deployment.register(goalOf(request, "s", "p"));
      };
      await assert.rejects(register([existing("urn:pulumi:s::p::a:b:Old::it")]), {
        message:
          "the program renames urn:pulumi:s::p::a:b:Old::it to urn:pulumi:s::p::a:b:C::it, " +
          "which the rehearsal engine does not support",
      });
      await assert.rejects(register([existing("urn:pulumi:s::p::a:b:Old::other")]), { message: "a plugin is started" });
    });
  }

  it("a property of a kind that it does not carry", () => {
    const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "t" };
    const request = plain().setObject(Struct.fromJavaScript({ files: [asset] }));
    assert.throws(() => goalOf(request, "s", "p"), {
      message: "it.files[0] is an asset, which the rehearsal does not support",
    });
  });

  it("nothing of a resource that uses what it does support", () => {
    const request = plain().setCustomtimeouts(new CustomTimeouts()).setIgnorechangesList(["ami"]).setProtect(true);
    const { ignoreChanges, protect } = goalOf(request, "s", "p");
    assert.deepEqual([ignoreChanges, protect], [["ami"], true]);
  });

  it("a field that another engine has written into the state", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "engine-refuses-"));
    try {
      const file = path.join(folder, "state.json");
      await (await StateFile.open(file, "x")).save();
      const state = JSON.parse(readFileSync(file, "utf8"));
      const urn = "urn:pulumi:s::p::a:b:C::it";
      state.deployment.resources = [{ urn, custom: true, id: "1", type: "a:b:C", retainOnDelete: true }];
      await assert.rejects(StateFile.replace(file, "x", JSON.stringify(state)), {
        message: `${urn} has the field "retainOnDelete" in the state, which the rehearsal engine does not support`,
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
