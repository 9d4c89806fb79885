import { once } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient, AnalyzerService } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import { AnalyzerStackConfigureRequest } from "@pulumi/pulumi/proto/analyzer_pb";
import * as proto from "@pulumi/pulumi/proto/language_pb";
import { PRELOADS, policyPackVariables } from "../protocol/node-program";
import { connect, listen, MESSAGE_LIMITS, type Plugin, startProcess } from "../protocol/plugin";
import { answer, Unsupported } from "./answer";

/** A pack that runs, and the connection to it. */
interface RunningPack {
  readonly plugin: Plugin;
  readonly client: AnalyzerClient;
}

/**
 * Runs a policy pack until the caller gives up. A pack reads the stack's settings from its environment as a program does, and the
 * engine tells them only once it is connected: so this process answers in the pack's place, and starts it when it knows them.
 */
export async function runPolicyPack(
  request: proto.RunPluginRequest,
  send: (message: proto.RunPluginResponse) => void,
  signal: AbortSignal,
): Promise<void> {
  const [name, kind] = [request.getName(), request.getKind()];
  if (kind !== "analyzer") {
    throw new Unsupported(`${name} is a plugin of kind "${kind}"; this language host runs policy packs alone`);
  }
  const say = (line: string) => {
    const message = new proto.RunPluginResponse();
    message.setStdout(Buffer.from(`${line}\n`));
    send(message);
  };
  const complain = (text: Buffer) => {
    const message = new proto.RunPluginResponse();
    message.setStderr(text);
    send(message);
  };
  let pack: Promise<RunningPack> | undefined;
  const server = new grpc.Server(MESSAGE_LIMITS);
  const { methods, calls } = forwarded((configuration) => {
    pack ??= start(request, configuration, say, complain);
    return pack;
  });
  server.addService(methods, calls);
  say(String(await listen(server)));
  if (!signal.aborted) await once(signal, "abort");
  server.forceShutdown();
  const started = await pack?.catch(() => undefined);
  started?.client.close();
  await started?.plugin.stop();
}

type StartPack = (configuration: AnalyzerStackConfigureRequest | undefined) => Promise<RunningPack>;

/**
 * Hands every call on to the pack, as the bytes that it came in. A handshake is the engine's with this process, and nothing is agreed
 * upon in it.
 */
function forwarded(packFor: StartPack): { methods: grpc.ServiceDefinition; calls: grpc.UntypedServiceImplementation } {
  const { handshake, ...methods } = AnalyzerService as grpc.ServiceDefinition;
  const calls = Object.entries(methods).map(([name, { path }]) => {
    const handler = answer(async (request: Buffer) => {
      const settings = name === "configureStack" ? AnalyzerStackConfigureRequest.deserializeBinary(request) : undefined;
      const { client } = await packFor(settings);
      return new Promise<Buffer>((resolve, reject) => {
        client.makeUnaryRequest(path, asItIs, asItIs, request, (error, response) =>
          error === null ? resolve(response as Buffer) : reject(error),
        );
      });
    });
    return [name, handler] as const;
  });
  const inBytes = Object.entries(methods).map(
    ([name, method]) => [name, { ...method, requestDeserialize: asItIs, responseSerialize: asItIs }] as const,
  );
  return { methods: Object.fromEntries(inBytes), calls: Object.fromEntries(calls) };
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}

async function start(
  request: proto.RunPluginRequest,
  configuration: AnalyzerStackConfigureRequest | undefined,
  print: (line: string) => void,
  printError: (text: Buffer) => void,
): Promise<RunningPack> {
  const directory = request.getInfo()?.getProgramDirectory() ?? request.getPwd();
  const command = {
    program: process.execPath,
    args: [...PRELOADS, require.resolve("@pulumi/pulumi/cmd/run-policy-pack", { paths: [directory] })],
    cwd: directory,
    env: { ...given(request.getEnvList()), ...(configuration === undefined ? {} : variables(configuration)) },
  };
  const engine = request.getArgsList().at(-1) ?? "";
  const plugin = await startProcess("the policy pack", command, [engine, "."], print, printError);
  return { plugin, client: connect(plugin, AnalyzerClient) };
}

function given(pairs: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
}

function variables(configuration: AnalyzerStackConfigureRequest): NodeJS.ProcessEnv {
  return policyPackVariables({
    project: configuration.getProject(),
    stack: configuration.getStack(),
    preview: configuration.getDryRun(),
    config: Object.fromEntries(configuration.getConfigMap().toArray()),
  });
}
