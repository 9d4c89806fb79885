import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Deployed, deployedBy } from "./engine-events";

/** What the CLI does to a stack, with what this project always says with it. */
export const OPERATIONS = {
  up: ["up", "--yes", "--skip-preview", "--continue-on-error", "--policy-pack", "policy"],
  preview: ["preview", "--policy-pack", "policy"],
  refresh: ["refresh", "--yes", "--skip-preview"],
  destroy: ["destroy", "--yes", "--skip-preview", "--continue-on-error"],
} as const;

export type Operation = keyof typeof OPERATIONS;

/** How a CLI is called. */
export interface CliCalls {
  readonly program: string;
  readonly projectDir: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A stack that the Pulumi CLI drives. */
export class CliStack {
  constructor(
    private readonly calls: CliCalls,
    readonly stack: string,
  ) {}

  /** Deploys; what the CLI prints is handed to `print`, line by line. Aborting finishes what is under way. */
  async deploy(operation: Operation, print: (line: string) => void, signal?: AbortSignal): Promise<Deployed> {
    const folder = mkdtempSync(join(tmpdir(), "pulumi-events-"));
    const log = join(folder, "events.jsonl");
    try {
      const status = await this.run([...OPERATIONS[operation], "--event-log", log], { print, signal });
      return deployedBy(existsSync(log) ? readFileSync(log, "utf8") : "", status === 0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** @returns What the CLI prints. @throws Error with its own words when it fails. */
  async call(args: readonly string[], input = ""): Promise<string> {
    const [printed, complaints]: [string[], string[]] = [[], []];
    const status = await this.run(args, {
      input,
      print: (line) => void printed.push(line),
      complain: (line) => void complaints.push(line),
    });
    if (status === 0) return printed.join("\n");
    // What `config` and `stack output` print may hold secrets, and is never shown.
    const reason = complaints.join("\n").trim() || "it did not say why";
    throw new Error(`pulumi ${args.slice(0, 2).join(" ")} failed: ${reason}`);
  }

  /** One call of the CLI. @returns Its exit status. */
  async run(
    args: readonly string[],
    told: {
      readonly print: (line: string) => void;
      readonly complain?: (line: string) => void;
      readonly input?: string;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<number | null> {
    const { program, projectDir, env } = this.calls;
    const place = args[0] === "plugin" ? [] : ["--stack", this.stack];
    const child = spawn(program, [...args, ...place, "--non-interactive"], {
      cwd: projectDir,
      env: { ...env, PULUMI_DEBUG_COMMANDS: "true" },
      // A terminal's Ctrl-C reaches the CLI through the signal alone: twice would mean to end in the middle.
      detached: true,
    });
    const interrupt = () => void child.kill("SIGINT");
    told.signal?.addEventListener("abort", interrupt);
    process.once("exit", interrupt);
    createInterface({ input: child.stdout }).on("line", told.print);
    createInterface({ input: child.stderr }).on("line", told.complain ?? told.print);
    // A CLI that fails before it has read everything breaks the pipe, and says why on stderr.
    child.stdin.on("error", () => {});
    child.stdin.end(told.input ?? "");
    try {
      const [status] = await once(child, "close");
      return status;
    } finally {
      told.signal?.removeEventListener("abort", interrupt);
      process.removeListener("exit", interrupt);
    }
  }
}
