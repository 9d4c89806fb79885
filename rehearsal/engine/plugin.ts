import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";

/** How a plugin is started; what the protocol passes to it comes after these arguments. */
export interface PluginCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
const KEPT_STDERR = 4000;
const START_MS = 60_000;
const STOP_MS = 5_000;

/** Makes a client of one gRPC service. */
type ClientClass<Client> = new (
  address: string,
  credentials: grpc.ChannelCredentials,
  options: Partial<grpc.ClientOptions>,
) => Client;

/** A running plugin process, which serves one of Pulumi's gRPC services on a loopback port. */
export class Plugin {
  private readonly clients: grpc.Client[] = [];

  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
  ) {}

  /** Starts the process and waits for the port that it prints first. What it prints after that is handed to `print`. */
  static async start(
    name: string,
    command: PluginCommand,
    args: readonly string[],
    print: (line: string) => void = () => {},
  ): Promise<Plugin> {
    const child = spawn(command.program, [...command.args, ...args], {
      cwd: command.cwd,
      env: command.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      // A terminal's Ctrl-C goes to its whole process group: here, the engine alone decides what is finished first.
      detached: true,
    });
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-KEPT_STDERR);
    });
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const silent = setTimeout(() => child.kill("SIGKILL"), START_MS);
    const port = await Promise.race([
      once(lines, "line").then(([line]) => Number(line)),
      once(child, "exit").then(
        ([code]) => {
          throw new Error(`${name} ended with status ${code} before it served: ${stderr.trim() || "no message"}`);
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
    return new Plugin(port, child);
  }

  /** A client of the service, closed when the plugin is stopped. */
  connect<Client extends grpc.Client>(service: ClientClass<Client>): Client {
    const client = new service(`127.0.0.1:${this.port}`, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
      "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
    });
    this.clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.clients) {
      client.close();
    }
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, "exit");
      this.child.kill("SIGTERM");
      const stubborn = setTimeout(() => this.child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(stubborn);
    }
  }
}
