import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { PluginLost } from "../../rehearsal/engine/provider-answers";
import { ProviderClient } from "../../rehearsal/engine/provider-client";
import { createUrn } from "../../rehearsal/engine/urn";
import { connect, type LocalPlugin, type Plugin } from "../../rehearsal/protocol/plugin";
import { type Props, secret, UNKNOWN } from "../../rehearsal/protocol/property-values";
import { serve, serveHere } from "../../rehearsal/providers/serve";
import { type CreateRequest, PartialFailure, type StandIn } from "../../rehearsal/providers/stand-in";
import { PluginClient } from "../conformance/plugin-client";

const TYPE = "toy:index:Toy";
const URN = createUrn("s", "p", "", TYPE, "it");
const PROVIDER = createUrn("s", "p", "", "pulumi:providers:toy", "default");
const IDENTITY = { urn: `urn:pulumi:s::p::${TYPE}::it`, type: TYPE, name: "it" };

const created: CreateRequest[] = [];

const toy: StandIn<Props> = {
  name: "toy",
  version: "1.2.3",
  capabilities: { acceptSecrets: true },
  checkConfig: ({ news }) => ({ inputs: news }),
  configure: (args, variables) => ({ ...args, ...variables }),
  functions: { "toy:index:look": { inputs: ["size"], invoke: ({ size = null }) => ({ found: size }) } },
  resources: {
    [TYPE]: {
      inputs: ["size", "key"],
      check: ({ news }) => ({ inputs: news }),
      diff: () => ({ changes: false }),
      create: (request) => {
        created.push(request);
        if (request.inputs.size === "never") return new Promise(() => {});
        if (request.inputs.size === "fail") throw new Error("no such size");
        if (request.inputs.size === "half") throw new PartialFailure("half made", "id-1", { size: "half" });
        return { id: "id-1", properties: { ...request.inputs, key: secret(request.inputs.key ?? null) } };
      },
      read: () => ({ id: "" }),
      delete: () => undefined,
    },
  },
};

describe("a stand-in over the protocol", () => {
  let served: Plugin;
  let client: PluginClient;

  before(async () => {
    served = await serve(toy);
    client = new PluginClient(served.port);
  });
  after(async () => {
    client.close();
    await served.stop();
  });

  const create = (properties: Props, more: Props = {}) => client.call("Create", { ...IDENTITY, properties, ...more });

  it("refuses every resource call until it is configured", async () => {
    assert.deepEqual(await create({}), {
      errors: ["rpc error: code = Unknown desc = the toy stand-in was called before Configure"],
    });
    assert.deepEqual(await client.call("Configure", { args: {} }), { response: { acceptSecrets: true } });
  });

  it("hands its handlers plain values and keeps what is unknown", async () => {
    const key = secret({ deep: [secret("s")] });
    const answer = await create({ size: UNKNOWN, key }, { preview: true });
    assert.deepEqual(created.at(-1), { ...IDENTITY, inputs: { size: UNKNOWN, key: { deep: ["s"] } }, preview: true });
    assert.deepEqual(answer, { response: { id: "id-1", properties: { size: UNKNOWN, key: secret({ deep: ["s"] }) } } });
  });

  it("refuses a value of a kind that it does not announce", async () => {
    const asset = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text: "t" };
    assert.deepEqual(await create({ size: asset }), {
      errors: ["rpc error: code = Unknown desc = size is an asset, which the rehearsal does not support"],
    });
  });

  it("answers a failure with the message alone", async () => {
    assert.deepEqual(await create({ size: "fail" }), { errors: ["rpc error: code = Unknown desc = no such size"] });
  });

  it("answers a partial failure with what came to be", async () => {
    assert.deepEqual(await create({ size: "half" }), {
      errors: ["rpc error: code = Unknown desc = half made"],
      partial: { id: "id-1", properties: { size: "half" } },
    });
  });

  const reason = `the rehearsal's stand-in for ${TYPE} does not support the property 'colour'; it supports key, size`;

  it("fails the check of an unknown property, by name", async () => {
    assert.deepEqual(await client.call("Check", { ...IDENTITY, olds: {}, news: { colour: "red", __defaults: [] } }), {
      response: { inputs: { colour: "red", __defaults: [] }, failures: [{ property: "colour", reason }] },
    });
    assert.deepEqual(await create({ colour: "red" }), { errors: [`rpc error: code = Unknown desc = ${reason}`] });
  });

  it("refuses an unknown resource type, by name", async () => {
    assert.deepEqual(await client.call("Read", { ...IDENTITY, type: "toy:index:Other", id: "x" }), {
      errors: [
        "rpc error: code = Unknown desc = the rehearsal's toy stand-in does not support the resource type toy:index:Other; it supports toy:index:Toy",
      ],
    });
  });

  it("refuses to update a type that can only be replaced", async () => {
    assert.deepEqual(await client.call("Update", { ...IDENTITY, id: "x", olds: {}, news: {} }), {
      errors: [`rpc error: code = Unknown desc = ${TYPE} cannot be updated, only replaced`],
    });
  });

  it("answers with no id for what is gone", async () => {
    assert.deepEqual(await client.call("Read", { ...IDENTITY, id: "x" }), { response: {} });
  });

  it("answers the functions that it has, and refuses their unknown arguments by name", async () => {
    const provider = new ProviderClient(connect(served, ResourceProviderClient));
    assert.deepEqual(await provider.invoke("toy:index:look", { size: "s" }), {
      returned: { found: "s" },
      failures: [],
    });
    await assert.rejects(provider.invoke("toy:index:look", { colour: "red" }), {
      message: "the rehearsal's stand-in for toy:index:look does not support the property 'colour'; it supports size",
    });
  });

  it("names its version, and refuses other functions, components and mappings by name", async () => {
    const raw = new ResourceProviderClient(`127.0.0.1:${served.port}`, grpc.credentials.createInsecure());
    const info = await new Promise((resolve, reject) =>
      raw.getPluginInfo(new Empty(), (error, response) => (error ? reject(error) : resolve(response.getVersion()))),
    );
    assert.equal(info, "1.2.3");
    const refusals = await Promise.all([
      refusal((done) => raw.invoke(new pb.InvokeRequest().setTok("toy:index:get"), done)),
      refusal((done) => raw.call(new pb.CallRequest().setTok("toy:index:do"), done)),
      refusal((done) => raw.construct(new pb.ConstructRequest().setType("toy:index:Big"), done)),
      refusal((done) => raw.getMapping(new pb.GetMappingRequest(), done)),
    ]);
    raw.close();
    assert.deepEqual(
      refusals,
      ["Invoke of toy:index:get", "Call of toy:index:do", "Construct of toy:index:Big", "GetMapping"].map((what) => ({
        code: grpc.status.UNIMPLEMENTED,
        details: `the rehearsal's toy stand-in does not support ${what}`,
      })),
    );
  });
});

function refusal(start: (done: (error: grpc.ServiceError | null) => void) => void): Promise<Props> {
  return new Promise((resolve, reject) =>
    start((error) =>
      error ? resolve({ code: error.code, details: error.details }) : reject(new Error("it was not refused")),
    ),
  );
}

describe("a stand-in in the engine's process", () => {
  const inputs = { size: "s", key: secret("k") };

  it("answers and fails as over the network", async () => {
    const outcomes = async (plugin: Plugin | LocalPlugin) => {
      const rpc = connect(plugin, ResourceProviderClient);
      const client = new ProviderClient(rpc);
      await client.configure(PROVIDER, "1", {});
      const outcomes = await Promise.allSettled([
        client.diffConfig(PROVIDER, {}, {}, {}),
        client.check(URN, {}, inputs, Buffer.from("seed")),
        ...["s", "fail", "half"].map((size) => client.create(URN, { ...inputs, size }, false)),
        client.diff(URN, "id-1", { inputs, outputs: inputs }, inputs, []),
        client.update(URN, "id-1", { inputs, outputs: inputs }, inputs, { ignoreChanges: [], preview: false }),
        client.read(URN, "id-1", { inputs, outputs: inputs }),
        client.delete(URN, "id-1", { inputs, outputs: inputs }),
      ]);
      rpc.close();
      await plugin.stop();
      return outcomes;
    };
    const here = await outcomes(serveHere(toy));
    assert.deepEqual(here, await outcomes(await serve(toy)));
    assert.equal(here.filter(({ status }) => status === "rejected").length, 3);
  });

  it("leaves what it has not answered by its end unanswered, as one that is gone", async () => {
    const plugin = serveHere(toy);
    const client = new ProviderClient(connect(plugin, ResourceProviderClient));
    await client.configure(PROVIDER, "1", {});
    const lost = assert.rejects(client.create(URN, { ...inputs, size: "never" }, false), PluginLost);
    await plugin.stop();
    await lost;
    await assert.rejects(client.create(URN, inputs, false), PluginLost);
  });
});

describe("a stand-in's process", () => {
  const MAIN = path.join(__dirname, "../../rehearsal/providers/random/main.ts");
  const COMMAND = ["--import", "tsx", MAIN, "127.0.0.1:1"];

  async function firstLine(child: ChildProcess): Promise<string> {
    assert.ok(child.stdout);
    const lines = createInterface(child.stdout);
    const [line] = (await once(lines, "line")) as [string];
    return line;
  }

  it("prints its port first, serves, and ends when it is told to", async () => {
    const child = spawn(process.execPath, COMMAND, { stdio: ["ignore", "pipe", "inherit"] });
    const client = new PluginClient(Number(await firstLine(child)));
    assert.deepEqual(await client.call("CheckConfig", { ...IDENTITY, olds: {}, news: { version: "4.21.2" } }), {
      response: { inputs: { version: "4.21.2" } },
    });
    client.close();
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });

  it("ends when the process that started it is gone", { timeout: 60_000 }, async () => {
    // The shell stands for an engine that is killed: it tells the plugin's process id, and dies at once.
    const script = `"$0" "$@" & echo $!; wait`;
    const engine = spawn("sh", ["-c", script, process.execPath, ...COMMAND], { stdio: ["ignore", "pipe", "inherit"] });
    assert.ok(engine.stdout);
    const lines = createInterface(engine.stdout);
    const seen: string[] = [];
    for await (const line of lines) {
      // The plugin's id, then its port: from here on it serves.
      if (seen.push(line) === 2) engine.kill("SIGKILL");
    }
    // The lines end when the last process that could write to the pipe has ended: the plugin.
    assert.equal(seen.length, 2);
  });
});
