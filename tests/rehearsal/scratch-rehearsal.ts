import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "pg";
import { type Arguments, parseArguments } from "../../rehearsal/cli/arguments";
import { runRehearsal } from "../../rehearsal/cli/run-rehearsal";
import { destroy, type EngineOptions, preview, type RunResult, refreshState, up } from "../../rehearsal/engine/engine";
import type { DeploymentState } from "../../rehearsal/engine/state";
import type { Step } from "../../rehearsal/engine/step";
import { nameOf } from "../../rehearsal/engine/urn";
import { stopMoto } from "../../rehearsal/servers/moto";
import { stopPostgres } from "../../rehearsal/servers/postgres";
import { findInterrupted } from "../../rehearsal/session/find-interrupted";
import { Home } from "../../rehearsal/session/home";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { type Session, withSession } from "../../rehearsal/session/session";
import { SHARED } from "./shared-processes";

/** What a command came to. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run in this process came to. */
export interface Run {
  readonly ok: boolean;
  readonly steps: readonly Step[];
  /** Every change as `update acme-role`, sorted. */
  readonly changes: readonly string[];
  /** Every failure as `acme-role: what happened`. */
  readonly failures: readonly string[];
  /** Every warning, likewise. */
  readonly warned: readonly string[];
  readonly state: DeploymentState;
}

export interface RunOptions {
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Checkout to run it in; default this one. */
  readonly project?: string;
}

/** Of all homes here: to derive a key takes a good part of a second. */
const PASSPHRASE = randomBytes(32).toString("hex");

/** A rehearsal of its own, home and tenant files in a scratch folder, and the ways to run commands on it. */
export class ScratchRehearsal {
  readonly folder = mkdtempSync(path.join(tmpdir(), "rehearsal-"));
  readonly home = new Home(path.join(this.folder, "home"));
  readonly tenants = path.join(this.folder, "tenants");
  private opened: Session | undefined;
  /** By the options that each was opened with. */
  private readonly sessions = new Map<string, Session>();

  /**
   * `files`: what the tenant files hold, by slug. The policies take a good part of a run's time, and few tests are about them:
   * runs in this process ask them if told so, and commands always.
   */
  constructor(
    files: Readonly<Record<string, string>>,
    private readonly options: readonly string[] = [],
    private readonly policies: "asked" | "unasked" = "unasked",
  ) {
    // PostgreSQL, which root starts as another user, has to pass through.
    chmodSync(this.folder, 0o711);
    mkdirSync(this.tenants);
    this.home.make();
    writeFileSync(path.join(this.home.path, "passphrase"), PASSPHRASE, { mode: 0o600 });
    for (const [slug, text] of Object.entries(files)) this.declare(slug, text);
  }

  /** Writes a tenant's file. */
  declare(slug: string, text = frontend(slug)): void {
    writeFileSync(path.join(this.tenants, `${slug}.yaml`), text);
  }

  withdraw(slug: string): void {
    rmSync(path.join(this.tenants, `${slug}.yaml`));
  }

  /** What a session of this home gave; there is one after the first run in this process. */
  get session(): Session {
    if (this.opened === undefined) throw new Error("nothing has been run in this process yet");
    return this.opened;
  }

  up(...more: string[]): Promise<Run> {
    return this.deploy(more, up);
  }

  /** An `up` as of people who leave out `--continue-on-error`: its first failure ends it. */
  upToFirstFailure(): Promise<Run> {
    return this.deploy([], (options) => up({ ...options, continueOnError: false }));
  }

  preview(...more: string[]): Promise<Run> {
    return this.deploy(more, preview);
  }

  refresh(...more: string[]): Promise<Run> {
    return this.deploy(more, (options, session) => refreshState(options, findInterrupted(session)));
  }

  destroy(...more: string[]): Promise<Run> {
    return this.deploy(more, destroy);
  }

  private deploy(
    more: readonly string[],
    run: (options: EngineOptions, session: Session) => Promise<RunResult>,
  ): Promise<Run> {
    return this.withSession(more, async (session) => {
      const steps: Step[] = [];
      const warned: string[] = [];
      const { policyPack, ...options } = session.engine({
        done: (step) => void steps.push(step),
        diagnostic: (severity, message, urn) => {
          if (severity === "warning") warned.push(`${nameOf(urn)}: ${message.trim()}`);
        },
      });
      const asked = this.policies === "asked" ? { policyPack } : {};
      const { ok, failures, state } = await run({ ...options, ...asked }, session);
      return {
        ok,
        steps,
        changes: steps
          .filter(({ op }) => op !== "same")
          .map(({ op, urn }) => `${op} ${nameOf(urn)}`)
          .sort(),
        failures: failures.map(({ urn, message }) => `${nameOf(urn)}: ${message.trim()}`),
        warned,
        state,
      };
    });
  }

  /** Opens the servers without deploying anything. */
  open(...more: string[]): Promise<Session> {
    return this.withSession(more, async (session) => session);
  }

  /** Once opened, a session is used for as long as its servers run. */
  private async withSession<Result>(
    more: readonly string[],
    work: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    const name = more.join(" ");
    const before = this.sessions.get(name);
    if (before !== undefined && (await isServed(before))) {
      this.opened = before;
      return work(before);
    }
    return withSession({ ...this.arguments(more), processes: SHARED }, silent, async (session) => {
      this.sessions.set(name, session);
      this.opened = session;
      return work(session);
    });
  }

  private arguments(more: readonly string[]): Arguments {
    const args = parseArguments(["up", ...this.places, ...more]);
    if (args === "help") throw new Error("no tests of --help here");
    return args;
  }

  private get places(): string[] {
    return ["--home", this.home.path, "--tenants", this.tenants, ...this.options];
  }

  /** Runs a command on this home and these tenants in this process, for where the process is not the point. */
  command(argv: readonly string[], listen?: (line: string) => void): Promise<Outcome> {
    return runCommand([...argv, ...this.places], listen);
  }

  /** Starts the command that people run, on this home and these tenants. */
  start(argv: readonly string[], options: RunOptions = {}): ChildProcess {
    return startCommand([...argv, ...this.places], options);
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    return outcomeOf(this.start(argv, options), options.input);
  }

  /** Runs SQL as the admin, or with another login; gives the rows. */
  async sql(text: string, values: readonly unknown[] = [], login?: { user: string; password: string }) {
    const { host, port, database, adminUser, adminPassword } = this.session.postgres;
    const { user, password } = login ?? { user: adminUser, password: adminPassword };
    const client = new Client({ host, port, database, user, password });
    await client.connect();
    try {
      return (await client.query(text, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  /** Tells whether the state's file was written, without showing it. */
  get stateHash(): string {
    return createHash("sha256")
      .update(readFileSync(this.home.statePath("prod")))
      .digest("hex");
  }

  /** Stops the servers and removes everything; the folder also when a server does not stop. */
  async remove(): Promise<void> {
    try {
      await Promise.all([...this.home.databaseHomes.map(stopPostgres), stopMoto(this.home.path)]);
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

/** The smallest tenant file there is. */
export function frontend(slug: string): string {
  return `frontendUrl: https://${slug.replaceAll("_", "-")}.example.com\n`;
}

/** Runs `npm run rehearse -- ...` in this process. `listen` gets each line of standard output at once. */
export async function runCommand(argv: readonly string[], listen: (line: string) => void = silent): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  const output = {
    print: (text: string) => {
      stdout += `${text}\n`;
      listen(text);
    },
    report: (text: string) => {
      stderr += `${text}\n`;
    },
  };
  const status = await runRehearsal(argv, output, new AbortController().signal, SHARED);
  return { status, stdout, stderr };
}

/** Starts `npm run rehearse -- ...` without npm. */
export function startCommand(argv: readonly string[], { env, project = PROJECT_DIR }: RunOptions = {}): ChildProcess {
  return spawn(process.execPath, ["--require", "tsx/cjs", "rehearsal/cli/main.ts", ...argv], {
    cwd: project,
    stdio: ["pipe", "pipe", "pipe"],
    // npm sets INIT_CWD, also for whoever runs the tests; relative paths are not these tests' matter.
    env: { ...process.env, INIT_CWD: undefined, ...env },
  });
}

export async function outcomeOf(child: ChildProcess, input = ""): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
  });
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  // Most commands end without having read anything.
  child.stdin?.on("error", () => {});
  child.stdin?.end(input);
  const [status] = await once(child, "close");
  return { status, stdout, stderr };
}

async function isServed({ postgres, moto }: Session): Promise<boolean> {
  const ports = [postgres.port, Number(new URL(moto.endpoint).port)];
  return (await Promise.all(ports.map(isListenedTo))).every(Boolean);
}

function isListenedTo(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("error", () => resolve(false));
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}

function silent(): void {}
