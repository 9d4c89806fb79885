import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";

/** A running plugin, which serves one of Pulumi's gRPC services on a loopback port. */
export interface Plugin {
  readonly port: number;
  stop(): Promise<void>;
}

/** A plugin that runs in this process. */
export interface LocalPlugin {
  /** Has the methods of a client of its service. */
  readonly client: object;
  stop(): Promise<void>;
}

/** Starts the plugin of one package. `address` is the engine's; what the plugin prints is handed to `print`, line by line. */
export type StartPlugin = (address: string, print: (line: string) => void) => Promise<Plugin | LocalPlugin>;

/** How a plugin's process is started; what the protocol passes to it comes after these arguments. */
export interface PluginCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
/** The protocol sends whole resources in one message, and gRPC's own limit is 4 MB; this is the one of Pulumi's programs. */
export const MESSAGE_LIMITS = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
};

const KEPT_STDERR = 4000;
const START_MS = 60_000;
const STOP_MS = 5_000;

/** Starts the plugin called `name`; `args` come after the command's own. */
export type StartProcess = (
  name: string,
  command: PluginCommand,
  args: readonly string[],
  print?: (line: string) => void,
  printError?: (text: Buffer) => void,
) => Promise<Plugin>;

/** Starts a plugin as a process of its own and waits for the port that it prints on its first line. */
export const startProcess: StartProcess = async (name, command, args, print = () => {}, printError = () => {}) => {
  const child = spawn(command.program, [...command.args, ...args], {
    cwd: command.cwd,
    env: command.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    // A terminal's Ctrl-C goes to its whole process group: here, the engine alone decides what is finished first.
    detached: true,
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-KEPT_STDERR);
    printError(chunk);
  });
  const lines = createInterface({ input: child.stdout });
  let isLate = false;
  const silent = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, START_MS);
  const port = await Promise.race([
    once(lines, "line").then(([line]) => Number(line)),
    once(child, "exit").then(
      ([code]) => {
        const end = isLate
          ? `did not serve within ${START_MS / 1000} seconds`
          : `ended with status ${code} before it served`;
        throw new Error(`${name} ${end}: ${stderr.trim() || "no message"}`);
      },
      (error: Error) => {
        throw new Error(`${name} (${command.program}) could not be started: ${error.message}`);
      },
    ),
  ]).finally(() => clearTimeout(silent));
  if (!Number.isInteger(port) || port <= 0) {
    child.kill("SIGKILL");
    throw new Error(`${name} printed no port on its first line`);
  }
  lines.on("line", print);
  return {
    port,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      const stubborn = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(stubborn);
    },
  };
};

/** Makes a client of one gRPC service. */
type ClientClass<Client> = new (
  address: string,
  credentials: grpc.ChannelCredentials,
  options: Partial<grpc.ClientOptions>,
) => Client;

/** A client of the service that the plugin serves; close it before the plugin is stopped. */
export function connect<Client extends grpc.Client>(
  plugin: Plugin | LocalPlugin,
  service: ClientClass<Client>,
): Client {
  if ("client" in plugin) return plugin.client as Client;
  return new service(`127.0.0.1:${plugin.port}`, grpc.credentials.createInsecure(), MESSAGE_LIMITS);
}

/** Binds a server to a free port of 127.0.0.1, and gives the port. */
export function listen(server: grpc.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}
