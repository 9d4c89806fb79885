import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";

/** The processes that this one has started: none outlives it. */
export class Children {
  private readonly running = new Set<ChildProcess>();

  constructor() {
    process.once("exit", () => this.stop());
  }

  /** Aborting the signal ends the process. */
  start(program: string, args: readonly string[], options: SpawnOptions, signal: AbortSignal): ChildProcess {
    const child = spawn(program, args, options);
    this.running.add(child);
    const stop = () => void child.kill();
    signal.addEventListener("abort", stop);
    child.once("close", () => {
      this.running.delete(child);
      signal.removeEventListener("abort", stop);
    });
    return child;
  }

  stop(): void {
    for (const child of this.running) child.kill();
  }
}

/** Waits for the end of a process, all of its output included. @returns Its exit status, or the signal that ended it. */
export async function ended(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [status, signal] = await once(child, "close");
  return status ?? signal;
}
