import { spawn } from "node:child_process";
import { pythonEnvironment } from "../../rehearsal/servers/python";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { outcomeOf } from "./scratch-rehearsal";

/** Runs a command at a terminal of its own, types its last argument once it is asked, and prints what the terminal showed. */
const AT_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:-1])
shown = b""
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    if b"[y/N]" in shown + part and b"[y/N]" not in shown:
        os.write(terminal, sys.argv[-1].encode())
    shown += part
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** What a command of node's comes to at a terminal where somebody presses these keys at its question. */
export async function atTerminal(
  argv: readonly string[],
  keys: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly status: number | null; readonly shown: string }> {
  const { python } = await pythonEnvironment();
  const child = spawn(python, ["-c", AT_TERMINAL, process.execPath, ...argv, keys], { cwd: PROJECT_DIR, env });
  const { status, stdout } = await outcomeOf(child);
  return { status, shown: stdout.replace(/\r+\n/g, "\n") };
}
