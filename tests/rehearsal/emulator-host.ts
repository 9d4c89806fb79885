import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { isAlive, type StartServer, waitFor } from "../../rehearsal/servers/process";

const FORKS = path.join(__dirname, "forked_emulators.py");

/** The process that has moto loaded, and the lines that it prints. */
interface Host {
  readonly child: ChildProcess;
  readonly lines: AsyncIterator<string>;
}

let host: Host | undefined;
let turn: Promise<unknown> = Promise.resolve();

/** Starts an emulator as a copy of a process that has loaded moto already, which then waits for the next as long as this one lives. */
export const startForked: StartServer = async (python, [emulator = "", folder, port], options, answers) => {
  host ??= start(python, emulator, options.env ?? {});
  const pid = await nextOf(host, { folder, port: Number(port), log: options.logFile });
  const outcome = await waitFor(async () => (isAlive(pid) ? (await answers()) || undefined : false), options.seconds);
  return outcome ? undefined : `the emulator of ${folder} ${outcome === undefined ? "does not answer" : "has ended"}`;
};

/** Asks for an emulator once all that were asked for before have their process ids. */
function nextOf({ child, lines }: Host, request: object): Promise<number> {
  const pid = turn.then(async () => {
    const handles = [child, child.stdin as Socket, child.stdout as Socket];
    for (const handle of handles) handle.ref();
    child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`${FORKS} has ended`);
    // It ends with this process, and keeps it from nothing.
    for (const handle of handles) handle.unref();
    return Number(value);
  });
  turn = pid.catch(() => {});
  return pid;
}

function start(python: string, emulator: string, env: NodeJS.ProcessEnv): Host {
  const child = spawn(python, [FORKS, emulator], { env, stdio: ["pipe", "pipe", "inherit"] });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}
