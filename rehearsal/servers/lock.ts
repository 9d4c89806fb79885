import { spawn } from "node:child_process";

// Node has no flock(2), and a lock file with a process id in it has to be judged stale or not, which races. Python is here anyway;
// what it holds, the kernel releases when it ends, and it ends as soon as this process does, since its standard input closes then.
const HOLDER = `
import fcntl, sys
with open(sys.argv[1], "a") as lock:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    print("locked", flush=True)
    sys.stdin.read()
`;

/** Runs `work` while no other process on this machine holds `file`; `onWait` is called when it has to wait for that. */
export async function withLock<T>(
  python: string,
  file: string,
  onWait: () => void,
  work: () => Promise<T>,
): Promise<T> {
  // Isolated and without packages, Python starts in half the time.
  const holder = spawn(python, ["-ISc", HOLDER, file], {
    stdio: ["pipe", "pipe", "pipe"],
    // A terminal's Ctrl-C must not let go of the lock while the work is still being finished.
    detached: true,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      let said = "";
      let complaint = "";
      holder.stdout.on("data", (chunk: Buffer) => {
        said += chunk;
        if (said === "waiting\n") onWait();
        if (said.endsWith("locked\n")) resolve();
      });
      holder.stderr.on("data", (chunk: Buffer) => {
        complaint += chunk;
      });
      holder.on("error", reject);
      holder.on("close", () => reject(new Error(`cannot lock ${file}: ${complaint.trim().split("\n").at(-1)}`)));
    });
    return await work();
  } finally {
    holder.stdin.end();
  }
}
