import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { PRELOADS, programArguments, programVariables, splitNodeArgs } from "../protocol/node-program";
import type { StackConfig } from "./providers";

/** What `Pulumi.yaml` says of the program. */
export interface ProjectFile {
  readonly name: string;
  readonly main: string;
  readonly nodeArgs: readonly string[];
}

export function readProjectFile(projectDir: string): ProjectFile {
  const file = parse(readFileSync(join(projectDir, "Pulumi.yaml"), "utf8"));
  const runtime = typeof file.runtime === "string" ? { name: file.runtime } : file.runtime;
  if (runtime?.name !== "nodejs") {
    throw new Error(
      `Pulumi.yaml: runtime "${runtime?.name}" is not supported by the rehearsal engine; it runs "nodejs"`,
    );
  }
  return { name: file.name, main: file.main ?? ".", nodeArgs: splitNodeArgs(String(runtime.options?.nodeargs ?? "")) };
}

export interface ProgramOptions {
  readonly projectDir: string;
  readonly project: ProjectFile;
  readonly stack: string;
  readonly config: StackConfig;
  readonly address: string;
  readonly preview: boolean;
  readonly parallel: number;
  readonly env: NodeJS.ProcessEnv;
}

const KEPT_OUTPUT = 8000;

/** A program that runs. */
export interface RunningProgram {
  /** Resolves with the exit status, and what the program printed by itself. */
  ended(): Promise<{ readonly status: number; readonly output: string }>;
  kill(): void;
}

export type StartProgram = (options: ProgramOptions) => RunningProgram;

/** The user's program in a process of its own, run as Pulumi's Node language host runs it. */
export class Program implements RunningProgram {
  private output = "";

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-KEPT_OUTPUT);
      });
    }
  }

  static start(options: ProgramOptions): Program {
    const { projectDir, project, address, config } = options;
    const program = {
      ...options,
      directory: projectDir,
      rootDirectory: projectDir,
      entryPoint: project.main,
      nodeArgs: [...PRELOADS, ...project.nodeArgs],
      monitor: address,
      engine: address,
      project: project.name,
      config: config.values,
      secretKeys: config.secretKeys,
      typescript: false,
    };
    const child = spawn(process.execPath, programArguments(program), {
      cwd: projectDir,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...options.env, ...programVariables(program) },
    });
    return new Program(child);
  }

  async ended(): Promise<{ readonly status: number; readonly output: string }> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
    return { status: this.child.exitCode ?? -1, output: this.output };
  }

  kill(): void {
    this.child.kill("SIGKILL");
  }
}
