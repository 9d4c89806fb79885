import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { ServerError } from "./server-error";

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
