import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { delimiter, join, sep } from "node:path";
import { text } from "node:stream/consumers";
import { StackLocked } from "./stack-access";

/** The folder of the Pulumi program. */
export const PROJECT_DIR = join(__dirname, "..", "..");

/** The folder that npm puts on PATH for its scripts. */
const NPM_BIN = join("node_modules", ".bin");

/** The CLI's words for a locked state in a file or a bucket, and in Pulumi's own service: its exit status does not tell. */
const LOCKED = [/the stack is currently locked by/, /\[409\] Conflict: Another update is currently in progress/];

/** An error quotes so many lines of what the CLI printed, from its end, where the reason is. */
const QUOTED_LINES = 20;

/**
 * Runs the Pulumi CLI on a stack and gives what it printed.
 *
 * @param args Visible to other users in the list of processes, so no secrets.
 * @throws StackLocked when the stack is being deployed. @throws Error with the CLI's own words.
 */
export async function pulumi(stack: string, args: readonly string[], input = ""): Promise<string> {
  return pulumiOf(`--stack ${stack}`, [...args, "--stack", stack], input);
}

/**
 * The same for a command that does not take one stack.
 *
 * @param about What an error says that it was about, for example `--stack prod`.
 */
export async function pulumiOf(about: string, args: readonly string[], input = ""): Promise<string> {
  const child = spawn(program(), [...args, "--non-interactive", "--color", "never"], {
    cwd: PROJECT_DIR,
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  // A CLI that fails before it has read everything breaks the pipe, and says why on stderr.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const ended = once(child, "close").catch((error: Error) => {
    throw new Error(`the Pulumi CLI cannot be started (${error.message}): run \`npm ci\`, which brings it`);
  });
  const [stdout, stderr, [status, signal]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (status === 0) return stdout;
  if (LOCKED.some((words) => words.test(stderr))) throw new StackLocked(complaint(stderr));
  // What `config` prints contains secrets, and is never shown. `refresh` prints its reasons on stdout.
  const reason = complaint(stderr) || (args[0] === "refresh" ? complaint(stdout) : "");
  const end = signal === null ? `failed with status ${status}` : `was ended by ${signal}`;
  throw new Error(`\`pulumi ${args.slice(0, 2).join(" ")} ${about}\` ${end}: ${reason || "it did not say why"}`);
}

/** The end of what the CLI printed, where its reasons are. */
export function complaint(printed: string): string {
  const lines = printed
    .replace(/^error: /gm, "")
    .trim()
    .split("\n");
  return lines.slice(-QUOTED_LINES).join("\n");
}

/** A CLI that is installed on this machine, or else the one that comes with this project, which downloads itself at first use. */
function program(): string {
  return installedProgram() ?? join(PROJECT_DIR, NPM_BIN, "pulumi");
}

/** The CLI that somebody has installed on this machine. */
export function installedProgram(): string | undefined {
  const installed = pathFolders()
    .filter((folder) => !folder.endsWith(`${sep}${NPM_BIN}`))
    .map((folder) => join(folder, "pulumi"));
  return installed.find(isExecutable);
}

/** The folders that programs are looked for in. */
export function pathFolders(): string[] {
  return (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
