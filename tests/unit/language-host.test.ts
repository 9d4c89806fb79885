import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { LanguageRuntimeClient, LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as proto from "@pulumi/pulumi/proto/language_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { languageRuntime } from "../../rehearsal/language-host/language-runtime";
import { connect, listen } from "../../rehearsal/protocol/plugin";
import { waitFor } from "../../rehearsal/servers/process";

const ENGINE = "127.0.0.1:4711";
const PROJECT_DIR = join(__dirname, "..", "..");

/** Loaded before the SDK's script: notes what the process was told, and ends it as the settings say. */
const NOTING = `
const told = JSON.parse(process.env.PULUMI_CONFIG);
require("node:fs").writeFileSync(told["p:notes"], JSON.stringify({ argv: process.argv.slice(2), cwd: process.cwd(), env: process.env }));
if (told["p:waits"]) setInterval(() => {}, 1000);
else process.exit(Number(told["p:status"]));
`;

type Reply<Response> = (error: grpc.ServiceError | null, response: Response) => void;

describe("the language host", () => {
  let folder: string;
  let notes: string;
  let server: grpc.Server;
  let client: LanguageRuntimeClient;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "language-host-"));
    notes = join(folder, "notes.json");
    writeFileSync(join(folder, "noting.cjs"), NOTING);
    server = new grpc.Server();
    server.addService(LanguageRuntimeService, languageRuntime(ENGINE));
    client = connect({ port: await listen(server), stop: async () => {} }, LanguageRuntimeClient);
  });

  after(() => {
    client.close();
    server.forceShutdown();
    rmSync(folder, { recursive: true, force: true });
  });

  it("runs the SDK's script with the program's arguments, the settings and the keys of the secret ones", async () => {
    assert.deepEqual((await run(request({}))).toObject(), { error: "", bail: false });
    const { argv, cwd, env } = JSON.parse(readFileSync(notes, "utf8"));
    assert.equal(cwd, PROJECT_DIR);
    assert.deepEqual(argv, [
      "--monitor=127.0.0.1:4712",
      `--engine=${ENGINE}`,
      "--organization=organization",
      "--project=p",
      "--stack=prod",
      `--pwd=${PROJECT_DIR}`,
      `--root-directory=${PROJECT_DIR}`,
      "--parallel=3",
      "--dry-run",
      "index.ts",
      "an argument",
    ]);
    assert.equal(env.PULUMI_NODEJS_TYPESCRIPT, "false");
    assert.deepEqual(JSON.parse(env.PULUMI_CONFIG), { "p:notes": notes, "p:status": "0" });
    assert.deepEqual(JSON.parse(env.PULUMI_CONFIG_SECRET_KEYS), ["p:status"]);
  });

  it("tells how a program ended: one that has told the engine its error needs no more words", async () => {
    assert.deepEqual((await run(request({ status: "32" }))).toObject(), { error: "", bail: true });
    const { error } = (await run(request({ status: "3" }))).toObject();
    assert.equal(error, "the program ended with exit status 3");
  });

  it("ends a program when it is told to cancel", async () => {
    rmSync(notes);
    const running = run(request({ waits: "yes" }));
    assert.ok(await waitFor(isNoted, 30));
    await asked<Empty>((reply) => client.cancel(new Empty(), reply));
    assert.equal((await running).getError(), "the program ended with SIGTERM");
  });

  it("refuses by name what it does not support", async () => {
    const cases: [RegExp, () => Promise<unknown>][] = [
      [
        /runtime option "packagemanager" is not supported .* typescript and nodeargs/,
        () => run(request({}, { packagemanager: "bun" })),
      ],
      [/starts no debugger/, () => run(request({}).setAttachDebugger(true))],
      [/generatePackage/, () => asked((reply) => client.generatePackage(new proto.GeneratePackageRequest(), reply))],
      [/npm ls --all/, () => asked((reply) => client.getProgramDependencies(dependencies(PROJECT_DIR, true), reply))],
    ];
    for (const [message, refused] of cases) {
      await assert.rejects(refused, { code: grpc.status.UNIMPLEMENTED, message });
    }
    const plugin = new proto.RunPluginRequest().setKind("resource").setName("theirs");
    await assert.rejects(async () => {
      for await (const _ of client.runPlugin(plugin));
    }, /theirs is a plugin of kind "resource"/);
  });

  it("names the plugins of the packages that the program depends on, in the versions that are installed", async () => {
    const request = new proto.GetRequiredPackagesRequest().setInfo(info(PROJECT_DIR));
    const found = await asked<proto.GetRequiredPackagesResponse>((reply) => client.getRequiredPackages(request, reply));
    const packages = found.getPackagesList().map((it) => `${it.getKind()} ${it.getName()} ${it.getVersion()}`);
    const { dependencies: own } = JSON.parse(readFileSync(join(PROJECT_DIR, "package.json"), "utf8"));
    assert.deepEqual(
      packages.sort(),
      ["aws", "postgresql", "random"].map((name) => `resource ${name} ${own[`@pulumi/${name}`]}`),
    );
    const listed = await asked<proto.GetProgramDependenciesResponse>((reply) =>
      client.getProgramDependencies(dependencies(PROJECT_DIR, false), reply),
    );
    const names = listed.getDependenciesList().map((it) => it.getName());
    assert.deepEqual(names.sort(), Object.keys(own).sort());
  });

  it("names the file of a manifest that is none", async () => {
    const place = join(folder, "program");
    mkdirSync(place);
    writeFileSync(join(place, "package.json"), "{");
    const request = new proto.GetRequiredPackagesRequest().setInfo(info(place));
    await assert.rejects(
      asked((reply) => client.getRequiredPackages(request, reply)),
      (error: Error) => error.message.includes(join(place, "package.json")),
    );
  });

  function run(request: proto.RunRequest): Promise<proto.RunResponse> {
    return asked((reply) => client.run(request, reply));
  }

  function request(settings: Record<string, string>, options: Record<string, string> = {}): proto.RunRequest {
    const request = new proto.RunRequest()
      .setMonitorAddress("127.0.0.1:4712")
      .setOrganization("organization")
      .setProject("p")
      .setStack("prod")
      .setPwd(PROJECT_DIR)
      .setParallel(3)
      .setDryrun(true)
      .setArgsList(["an argument"])
      .setConfigsecretkeysList(["p:status"])
      .setInfo(
        info(PROJECT_DIR, { typescript: false, nodeargs: `--require ${join(folder, "noting.cjs")}`, ...options }),
      );
    const config = { notes, status: "0", ...settings };
    for (const [key, value] of Object.entries(config)) request.getConfigMap().set(`p:${key}`, value);
    return request;
  }

  function isNoted(): true | undefined {
    return existsSync(notes) ? true : undefined;
  }
});

function info(directory: string, options: Record<string, string | boolean> = {}): proto.ProgramInfo {
  return new proto.ProgramInfo()
    .setRootDirectory(directory)
    .setProgramDirectory(directory)
    .setEntryPoint("index.ts")
    .setOptions(Struct.fromJavaScript(options));
}

function dependencies(directory: string, transitive: boolean): proto.GetProgramDependenciesRequest {
  return new proto.GetProgramDependenciesRequest().setInfo(info(directory)).setTransitivedependencies(transitive);
}

function asked<Response>(call: (reply: Reply<Response>) => void): Promise<Response> {
  return new Promise((resolve, reject) => call((error, response) => (error ? reject(error) : resolve(response))));
}
