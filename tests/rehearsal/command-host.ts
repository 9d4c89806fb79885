import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import type { Outcome } from "./scratch-rehearsal";

const MAIN = path.join(__dirname, "command-host-process.ts");

let host: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs `npx b2b-tenants ...` in a process that has run other commands before, so that Node and the command's code are loaded once;
 * for where the process is not the point. Nobody is at its terminal.
 */
export function hostedCommand(...argv: string[]): Promise<Outcome> {
  const outcome = last.then(() => run(argv));
  last = outcome.catch(() => {});
  return outcome;
}

async function run(argv: readonly string[]): Promise<Outcome> {
  if (!host?.connected) host = start();
  const child = host;
  const handles = [child, child.channel];
  for (const handle of handles) handle?.ref();
  child.send(argv);
  const ended = new AbortController();
  const { signal } = ended;
  const failed = once(child, "exit", { signal }).then(([status]) => {
    throw new Error(`${argv.join(" ")}: the process has ended with ${status}`);
  });
  const [outcome] = await Promise.race([once(child, "message", { signal }), failed]).finally(() => ended.abort());
  failed.catch(() => {});
  // It ends with this process, and keeps it from nothing.
  for (const handle of handles) handle?.unref();
  return outcome as Outcome;
}

function start(): ChildProcess {
  return spawn(process.execPath, ["--require", "tsx/cjs", MAIN], {
    cwd: PROJECT_DIR,
    env: { ...process.env, INIT_CWD: undefined },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}
