import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { type Plugin, type PluginCommand, startProcess } from "../../rehearsal/protocol/plugin";
import type { Processes } from "../../rehearsal/session/session-options";
import { forkedAws } from "./aws-host";
import { startForked } from "./emulator-host";
import { runHosted } from "./program-host";

const ENVIRONMENT = path.join(__dirname, "environment-by-message.cjs");

/** Nobody calls the engine back here. */
const NO_ENGINE = "127.0.0.1:1";

/** A plugin's process, and the port on which it serves. */
interface SharedProcess {
  readonly child: ChildProcess;
  readonly port: number;
}

/** By everything that a message does not change. */
const shared = new Map<string, Promise<SharedProcess>>();

/**
 * Processes that outlive the runs and rehearsals of this process, one of a kind: to start them anew for each run would be most of
 * its time. For each run a plugin gets the environment that it would have been started with.
 */
export const SHARED: Processes = {
  startProgram: runHosted,
  startEmulator: startForked,
  awsProgram: forkedAws,
  startProcess: async (name, command, args, print) => {
    if (command.program !== process.execPath) return startProcess(name, command, args, print);
    const { child, port } = await running(command, args.slice(1));
    const answered = new AbortController();
    const { signal } = answered;
    child.send(command.env ?? process.env);
    const [answer] = await Promise.race([once(child, "message", { signal }), once(child, "exit", { signal })]);
    answered.abort();
    if (answer !== "taken") throw new Error(`${name} has ended`);
    return { port, stop: async () => {} } satisfies Plugin;
  },
};

function running(command: PluginCommand, args: readonly string[]): Promise<SharedProcess> {
  const name = JSON.stringify([command.program, command.args, args, command.cwd]);
  const present = shared.get(name);
  if (present !== undefined) return present;
  const started = start(command, args);
  shared.set(name, started);
  started.then(({ child }) => child.once("exit", () => shared.delete(name))).catch(() => shared.delete(name));
  return started;
}

async function start({ program, args, cwd, env }: PluginCommand, more: readonly string[]): Promise<SharedProcess> {
  const child = spawn(program, ["--require", ENVIRONMENT, ...args, NO_ENGINE, ...more], {
    cwd,
    env: env ?? process.env,
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const lines = createInterface({ input: child.stdout as Socket });
  const failed = once(child, "exit").then(([status]) => {
    throw new Error(`${args.at(-1)} ended with status ${status} before it served`);
  });
  const port = await Promise.race([once(lines, "line").then(([line]) => Number(line)), failed]);
  failed.catch(() => {});
  // It ends with this process, and keeps it from nothing.
  for (const handle of [child, child.channel, child.stdout as Socket]) handle?.unref();
  return { child, port };
}
