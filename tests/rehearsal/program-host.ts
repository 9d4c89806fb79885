import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import path from "node:path";
import type { ProgramOptions, RunningProgram } from "../../rehearsal/engine/program";
import { PRELOADS } from "../../rehearsal/protocol/node-program";

const MAIN = path.join(__dirname, "program-host-process.ts");

/** Processes that have run a program and wait for the next one. */
const idle: Host[] = [];

interface Host {
  readonly child: ChildProcess;
  /** What it was started with, which no later program can change. */
  readonly setting: string;
}

/**
 * Runs a program in a process that has run others before, so that Node, the SDK and the compiler are loaded once and not for every
 * run. A process that was killed, or whose program failed, is not used again; one that waits ends with this process.
 */
export function runHosted(options: ProgramOptions): RunningProgram {
  const host = takeHost(options);
  const { child } = host;
  let output = "";
  const collect = (chunk: Buffer) => {
    output += chunk;
  };
  const streams = [child.stdout, child.stderr].map((stream) => stream as Socket);
  for (const stream of streams) stream.on("data", collect);
  const handles = [child, child.channel, ...streams];
  for (const handle of handles) handle?.ref();
  const finished = new AbortController();
  const { signal } = finished;
  const ended = Promise.race([
    once(child, "message", { signal }).then(([status]) => Number(status)),
    once(child, "exit", { signal }).then(([status]) => Number(status ?? -1)),
  ]).then((status) => {
    finished.abort();
    for (const stream of streams) stream.off("data", collect);
    for (const handle of handles) handle?.unref();
    if (status === 0 && child.connected) idle.push(host);
    else child.kill("SIGKILL");
    return status;
  });
  const { projectDir, project, stack, config, address, preview, parallel } = options;
  child.send({ projectDir, project, stack, config, address, preview, parallel });
  return {
    ended: async () => ({ status: await ended, output }),
    kill: () => void child.kill("SIGKILL"),
  };
}

function takeHost({ projectDir, project, env }: ProgramOptions): Host {
  const setting = JSON.stringify([projectDir, project, env]);
  const index = idle.findIndex((host) => host.setting === setting && host.child.connected);
  const [waiting] = index < 0 ? [] : idle.splice(index, 1);
  if (waiting !== undefined) return waiting;
  const child = spawn(process.execPath, [...PRELOADS, ...project.nodeArgs, "--require", "tsx/cjs", MAIN], {
    cwd: projectDir,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...env, PULUMI_NODEJS_ROOT_DIRECTORY: projectDir, PULUMI_NODEJS_TYPESCRIPT: "false" },
  });
  return { child, setting };
}
