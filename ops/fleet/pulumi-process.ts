import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter, dirname } from "node:path";
import { text } from "node:stream/consumers";
import type { PulumiCommand } from "@pulumi/pulumi/automation";
import { complaint, installedProgram } from "../stack/pulumi-cli";

/** As the Automation API calls it. */
type RunCommand = (
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
) => Promise<{ stdout: string; stderr: string; code: number }>;

/** A call of the CLI that failed; the message is the end of what it printed. */
export class CallFailed extends Error {}

/**
 * The Pulumi CLI, for the Automation API. Each call is a process group of its own: the CLI hears of a Ctrl-C from `interruptAll`
 * alone. From the terminal and from this program it would hear of it twice, and a second time means to end in the middle.
 */
export class PulumiProcesses {
  private readonly running = new Set<ChildProcess>();

  private constructor(private readonly program: string) {}

  /** With the CLI that is installed on this machine, or else npm's, which is downloaded at its first use. */
  static async find(): Promise<PulumiProcesses> {
    // What npm puts on PATH starts the CLI in a process of its own, and dies of a signal that it does not hand on.
    const { resolve } = require("pulumi/lib/resolve") as { resolve: () => Promise<string> };
    return new PulumiProcesses(installedProgram() ?? (await resolve()));
  }

  /** What the Automation API takes as its `pulumiCommand`. */
  async command(): Promise<PulumiCommand> {
    // The CLI finds its language host, and the Automation API the CLI, on the PATH.
    process.env.PATH = `${dirname(this.program)}${delimiter}${process.env.PATH ?? ""}`;
    const { PulumiCommand } = require("@pulumi/pulumi/automation") as typeof import("@pulumi/pulumi/automation");
    const run: RunCommand = (args, cwd, env) => this.run(args, cwd, env);
    return Object.assign(await PulumiCommand.get(), { run });
  }

  /** The first time, every CLI finishes what is under way; the second time, it ends at once. */
  interruptAll(): void {
    for (const child of this.running) child.kill("SIGINT");
  }

  private async run(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
    // The CLI adds what the option names to what the variable names, and would load one pack twice.
    const packs = args.includes("--policy-pack") ? { PULUMI_OPTION_POLICY_PACK: undefined } : {};
    const child = spawn(this.program, [...args, "--non-interactive"], {
      cwd,
      env: { ...process.env, ...env, ...packs, PULUMI_AUTOMATION_API: "true", PULUMI_SKIP_UPDATE_CHECK: "true" },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.running.add(child);
    try {
      const [stdout, stderr, [status, signal]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "close"),
      ]);
      if (status === 0) return { stdout, stderr, code: 0 };
      const said = complaint(stderr) || complaint(stdout);
      throw new CallFailed(signal === null ? said : `the Pulumi CLI was ended by ${signal}: ${said}`);
    } finally {
      this.running.delete(child);
    }
  }
}
