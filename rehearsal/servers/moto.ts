import { chmodSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { withLock } from "./lock";
import { commandLineOf, isAlive, portOf, type StartServer, startServer, waitFor } from "./process";
import { pythonEnvironment } from "./python";
import { failureOf, ServerError } from "./server-error";

const EMULATOR = path.join(__dirname, "emulator.py");
// A start carries out the whole journal again, some thousand requests a second.
const START_SECONDS = 600;
/** Some thousand requests: carrying these out again takes long enough to be told. */
const LONG_JOURNAL_BYTES = 2_000_000;

export interface MotoOptions {
  /** Folder of the rehearsal; the emulator keeps the account in `aws` there. */
  readonly home: string;
  /** Receives one line of progress at a time. */
  readonly report?: (line: string) => void;
  /** Default: a process of its own, started anew. */
  readonly startEmulator?: StartServer | undefined;
  /** Gives the program to call the AWS CLI by; default: the one that is installed. */
  readonly awsProgram?: ((installed: string) => Promise<string>) | undefined;
}

/** A running AWS emulator. It remembers the account from one start to the next. */
export interface MotoServer {
  /** For example `http://127.0.0.1:40123`; the same from one start to the next, unless somebody else has taken the port. */
  readonly endpoint: string;
  /** Credentials of the account's administrator, whom the emulator lets do everything. */
  readonly credentials: AwsCredentials;
  /** The AWS CLI's program. */
  readonly aws: string;
  readonly logFile: string;
  /** Stops the emulator; the account stays. */
  stop(): Promise<void>;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The emulator of `home`: the one that runs already, in whichever process it was started, or else a newly started one. */
export async function startMoto({
  home,
  report = () => {},
  startEmulator = startServer,
  awsProgram = async (installed) => installed,
}: MotoOptions): Promise<MotoServer> {
  const { python, folder: environment } = await pythonEnvironment({ report });
  mkdirSync(path.join(home, "aws"), { recursive: true });
  const folder = realpathSync(path.join(home, "aws"));
  chmodSync(folder, 0o700);
  const logFile = path.join(folder, "server.log");
  const wait = () => report("Another process is starting the AWS emulator; waiting for it");
  return withLock(python, path.join(folder, "lock"), wait, async () => {
    if (!(await answering(folder))) await start(startEmulator, python, folder, logFile, report);
    const port = announced(folder)?.port;
    return {
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: "rehearsal", secretAccessKey: "rehearsal" },
      aws: await awsProgram(path.join(environment, "bin", "aws")),
      logFile,
      stop: () => stopMoto(home),
    };
  });
}

/** Stops the emulator of `home`, if it runs. The account stays. */
export async function stopMoto(home: string): Promise<void> {
  const folder = path.join(home, "aws");
  const pid = announced(folder)?.pid;
  if (pid === undefined || !isAlive(pid) || !commandLineOf(pid).includes(EMULATOR)) return;
  process.kill(pid, "SIGTERM");
  if (await waitFor(() => (isAlive(pid) ? undefined : true), 30)) return;
  throw new ServerError(
    `The AWS emulator (process ${pid}) does not stop`,
    "End that process, then run the same command again.",
  );
}

async function start(
  startEmulator: StartServer,
  python: string,
  folder: string,
  logFile: string,
  report: (line: string) => void,
): Promise<void> {
  const port = await portOf("AWS emulator", announced(folder)?.port ?? 0);
  const journal = statSync(path.join(folder, "journal"), { throwIfNoEntry: false })?.size ?? 0;
  if (journal > LONG_JOURNAL_BYTES) {
    report("The AWS emulator is carrying out its journal again; this takes as long as there is to remember");
  }
  // What is announced from here on is the new server's word.
  rmSync(path.join(folder, "server.json"), { force: true });
  // With a fixed hash seed Python walks through sets in the same order each time, which a replay of the journal needs.
  const env = { PATH: process.env.PATH, PYTHONHASHSEED: "0", PYTHONDONTWRITEBYTECODE: "1", LC_ALL: "C.UTF-8" };
  const options = { env, logFile, seconds: START_SECONDS, giveUp: "SIGKILL" } as const;
  const failed = await startEmulator(python, [EMULATOR, folder, String(port)], options, () => answering(folder));
  if (failed === undefined) return;
  throw failureOf("The AWS emulator did not start", `Its log is ${logFile}; its last lines are below.`, failed, folder);
}

/** Where the emulator of `folder` serves, or served last. */
function announced(folder: string): { readonly port: number; readonly pid: number } | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, "server.json"), "utf8"));
  } catch {
    return undefined;
  }
}

/** Whether what listens on the announced port is the emulator of this folder: the port may belong to another server by now. */
async function answering(folder: string): Promise<boolean> {
  const last = announced(folder);
  if (!last) return false;
  try {
    const response = await fetch(`http://127.0.0.1:${last.port}/rehearsal/identity`, {
      signal: AbortSignal.timeout(5000),
    });
    const identity = (await response.json()) as { folder?: unknown };
    return identity.folder === folder;
  } catch {
    return false;
  }
}
