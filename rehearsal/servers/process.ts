import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

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

/** `preferred` if nobody listens there, else a free port of the loopback interface. It may be taken before it is used. */
export function freePort(preferred = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", (error) => (preferred === 0 ? reject(error) : resolve(freePort())));
    probe.listen({ host: "127.0.0.1", port: preferred, exclusive: true }, () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
