import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";

// Node has no flock(2), and a lock file with a process id in it has to be judged stale or not, which races. Python is here anyway;
// what it holds, the kernel releases when it ends, and it ends as soon as this process does, since its standard input closes then.
const HOLDER = `
import _thread, fcntl, os, sys
held = {}

def say(*words):
    os.write(1, (" ".join(words) + "\\n").encode())

def take(key, file):
    try:
        held[key] = open(file, "a")
        try:
            fcntl.flock(held[key], fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(key, "waiting")
            fcntl.flock(held[key], fcntl.LOCK_EX)
        say(key, "locked")
    except Exception as error:
        say(key, str(error))

for line in sys.stdin:
    key, *file = line.split()
    if file:
        _thread.start_new_thread(take, (key, bytes.fromhex(file[0]).decode()))
    else:
        held.pop(key).close()
`;

/** The process that holds all locks of this one: to start one for each would take most of the time that a lock takes. */
class Holder {
  private readonly child: ChildProcess;
  /** Who is told what is said of each lock. */
  private readonly listeners = new Map<string, (words: string) => void>();
  private count = 0;
  ended = false;

  constructor(python: string) {
    // Isolated and without packages, Python starts in half the time.
    this.child = spawn(python, ["-ISc", HOLDER], {
      stdio: ["pipe", "pipe", "inherit"],
      // A terminal's Ctrl-C must not let go of the locks while the work is still being finished.
      detached: true,
    });
    const end = (words: string) => {
      this.ended = true;
      for (const listener of this.listeners.values()) listener(words);
    };
    this.child.on("error", ({ message }) => end(message));
    this.child.on("close", (code, signal) =>
      end(`the process that locks has ended with ${signal ?? `status ${code}`}`),
    );
    this.child.stdin?.on("error", () => {});
    createInterface({ input: this.child.stdout as Socket }).on("line", (line) => {
      const [key = ""] = line.split(" ", 1);
      this.listeners.get(key)?.(line.slice(key.length + 1));
    });
  }

  /** Resolves, once it is locked, with what releases it. */
  lock(file: string, onWait: () => void): Promise<() => void> {
    const key = String(this.count++);
    return new Promise((resolve, reject) => {
      const forget = () => {
        this.listeners.delete(key);
        this.keepAlive();
      };
      const release = () => {
        this.child.stdin?.write(`${key}\n`);
        forget();
      };
      this.listeners.set(key, (words) => {
        if (words === "waiting") return onWait();
        if (words === "locked") return resolve(release);
        forget();
        reject(new Error(`cannot lock ${file}: ${words}`));
      });
      this.child.stdin?.write(`${key} ${Buffer.from(file).toString("hex")}\n`);
      this.keepAlive();
    });
  }

  /** This process lives as long as a lock is held or waited for, and no longer because of one that was. */
  private keepAlive(): void {
    const { child, listeners } = this;
    for (const handle of [child, child.stdin as Socket, child.stdout as Socket]) {
      if (listeners.size > 0) handle.ref();
      else handle.unref();
    }
  }
}

let holder: Holder | undefined;

/** Runs `work` while no other process on this machine holds `file`; `onWait` is called when it has to wait for that. */
export async function withLock<T>(
  python: string,
  file: string,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  if (holder === undefined || holder.ended) holder = new Holder(python);
  const release = await holder.lock(file, onWait);
  try {
    return await work();
  } finally {
    release();
  }
}
