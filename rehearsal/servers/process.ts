import { type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { ServerError } from "./server-error";

const KEPT_LINES = 8;

/** Whether a process of that id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The command line of a process, empty if it is gone. Process ids are reused, so an id from a file is checked against it before a signal. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).stdout?.trim() ?? "";
  }
}

/** Polls `condition` until it gives something other than undefined; undefined when `seconds` have passed. */
export async function waitFor<T>(
  condition: () => Promise<T | undefined> | T | undefined,
  seconds: number,
): Promise<T | undefined> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await condition();
    if (found !== undefined || Date.now() > deadline) return found;
    await setTimeout(25);
  }
}

/**
 * The port a server is to be started on: the one it had last, or for a new one (`usual` 0) any that is free.
 *
 * @throws ServerError when another program has taken the one it had.
 */
export async function portOf(server: string, usual: number): Promise<number> {
  const free = await freePort(usual);
  if (free !== undefined) return free;
  throw new ServerError(
    `Port ${usual}, which this rehearsal's ${server} has had so far, is taken by another program`,
    "End that program, or name another folder with --home, and run the same command again.",
  );
}

/** `port` if nobody listens there, or for 0 any free port of the loopback interface. It may be taken before it is used. */
function freePort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", (error) => (port === 0 ? reject(error) : resolve(undefined)));
    probe.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}

/** What a program came to. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  /** The last lines of what it printed on either stream. */
  readonly words: string;
}

/** Runs a program to its end; each line that it prints is handed to `onLine`. */
export function runToEnd(
  command: string,
  args: readonly string[],
  options: SpawnOptions,
  onLine: (line: string) => void = () => {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const last: string[] = [];
    let stdout = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      const line = (text: string) => {
        onLine(text);
        if (last.push(text) > KEPT_LINES) last.shift();
      };
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const text of lines) line(text);
      });
      stream?.on("end", () => {
        if (rest !== "") line(rest);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, words: last.join("\n") }));
  });
}

type ServerOptions = SpawnOptions & {
  readonly logFile: string;
  readonly seconds: number;
  readonly giveUp: NodeJS.Signals;
};

/**
 * Starts a server in the background, where it outlives this process, and waits until it answers. What it prints goes to `logFile`.
 *
 * @returns Undefined once it answers; otherwise the log's last lines and how it ended, after `giveUp` has been sent to one that hangs.
 */
export type StartServer = (
  command: string,
  args: readonly string[],
  options: ServerOptions,
  answers: () => Promise<boolean>,
) => Promise<string | undefined>;

export const startServer: StartServer = async (command, args, options, answers) => {
  const { logFile, seconds, giveUp, ...spawning } = options;
  const log = openSync(logFile, "w", 0o600);
  const server = spawn(command, args, { ...spawning, cwd: "/", detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let ended: string | undefined;
  server.on("error", (error) => {
    ended = error.message;
  });
  server.on("exit", (code, signal) => {
    ended ??= `It ended with ${signal ?? `status ${code}`}`;
  });
  const outcome = await waitFor(async () => (ended === undefined ? (await answers()) || undefined : false), seconds);
  server.unref();
  if (outcome) return undefined;
  if (outcome === undefined) server.kill(giveUp);
  const lines = readFileSync(logFile, "utf8").trim().split("\n").slice(-KEPT_LINES).join("\n");
  return `${lines}\n${ended ?? `It did not answer within ${seconds} seconds`}`;
};
