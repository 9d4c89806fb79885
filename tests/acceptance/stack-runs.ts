import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { CommandError, type EngineEvent, LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import { stringify } from "yaml";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { rehearsalSettings } from "../../rehearsal/session/rehearsal-settings";
import { readStackFile } from "../../rehearsal/session/stack-config";
import type { Site } from "./site";

/** What one deployment did. */
export interface Run {
  readonly ok: boolean;
  /** Everything it printed. */
  readonly output: string;
  /** Every step that is not "same", sorted, as `update farmacruz-role`; of a refresh, only what had drifted. */
  readonly changes: readonly string[];
}

/** What one call of the CLI came to. */
export interface Call {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What surrounds a call of the CLI. */
export interface Circumstances {
  /** Laid over the site's. */
  readonly env?: NodeJS.ProcessEnv;
  /** No file may grow beyond this many KiB. */
  readonly fileLimit?: number | undefined;
  readonly input?: string;
}

/** Another checkout may not know all settings of this one: those that its stack's file has no key for are left out. */
function knownTo(file: object, values: object): object {
  const own = new Map(Object.entries(file));
  const known = Object.entries(values).flatMap(([key, value]) => {
    if (key.startsWith("aws:")) return [[key, value]];
    if (!own.has(key)) return [];
    const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
    return [[key, isMapping ? knownTo(own.get(key), value) : value]];
  });
  return Object.fromEntries(known);
}

type Deployment = (handlers: {
  onOutput: (text: string) => void;
  onError: (text: string) => void;
  onEvent: (event: EngineEvent) => void;
}) => Promise<unknown>;

/** A stack of the site's project, deployed by the CLI through Pulumi's Automation API. */
export class StackRuns {
  private constructor(
    private readonly site: Site,
    private readonly stack: Stack,
  ) {}

  /** Makes the stack with the settings of its file in the checkout, laid over as the rehearsal lays them over. */
  static async create(site: Site, name: string, checkout = PROJECT_DIR): Promise<StackRuns> {
    const file = readStackFile(checkout, name);
    const { values, secrets } = rehearsalSettings(file, site.settings);
    const config = { ...file.values, ...(checkout === PROJECT_DIR ? values : knownTo(file.values, values)) };
    writeFileSync(join(site.projectDir, `Pulumi.${name}.yaml`), stringify({ config }));
    const workspace = await LocalWorkspace.create({
      workDir: site.projectDir,
      pulumiHome: site.pulumiHome,
      envVars: { ...site.env },
    });
    const runs = new StackRuns(site, await Stack.create(name, workspace));
    for (const [key, value] of Object.entries(secrets)) await runs.setSecret(key, value);
    return runs;
  }

  up(options: { refresh?: boolean; expectNoChanges?: boolean } = {}): Promise<Run> {
    return this.run((handlers) => this.stack.up({ ...options, ...handlers }));
  }

  preview(options: { refresh?: boolean; expectNoChanges?: boolean } = {}): Promise<Run> {
    return this.run((handlers) => this.stack.preview({ ...options, ...handlers }));
  }

  refresh(options: { expectNoChanges?: boolean } = {}): Promise<Run> {
    return this.run((handlers) => this.stack.refresh({ ...options, ...handlers }));
  }

  destroy(): Promise<Run> {
    return this.run((handlers) => this.stack.destroy(handlers));
  }

  outputs() {
    return this.stack.outputs();
  }

  /** As people do it: the value is typed, and so never among the arguments of a process. */
  async setSecret(key: string, value: string): Promise<void> {
    await this.pulumi(["config", "set", "--secret", key], value);
  }

  removeSetting(key: string): Promise<void> {
    return this.stack.removeConfig(key);
  }

  /** What the CLI itself prints, which the Automation API does not give as it is. */
  async pulumi(args: readonly string[], input = ""): Promise<string> {
    const { status, stdout, stderr } = await this.call(args, { input });
    if (status !== 0) throw new Error(`pulumi ${args.join(" ")} failed: ${stderr || stdout}`);
    return stdout;
  }

  /** One call of the CLI as a process of its own, however it ends. */
  async call(args: readonly string[], { env, fileLimit, input = "" }: Circumstances = {}): Promise<Call> {
    const limit = fileLimit === undefined ? "" : `ulimit -f ${fileLimit}; `;
    const command = [this.site.cli.program, ...args, "--stack", this.stack.name, "--non-interactive"];
    const child = spawn("/bin/bash", ["-c", `${limit}exec "$@"`, "-", ...command], {
      cwd: this.site.projectDir,
      env: { ...process.env, ...this.site.env, ...env },
    });
    child.stdin.end(input);
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      child.exitCode === null ? once(child, "exit") : undefined,
    ]);
    this.site.transcript.push(stdout, stderr);
    return { status: child.exitCode, stdout, stderr };
  }

  private async run(deployment: Deployment): Promise<Run> {
    const printed: string[] = [];
    const changes: string[] = [];
    const print = (words: string) => void printed.push(words);
    const onEvent = (event: EngineEvent) => changes.push(...changesOf(event));
    let ok = true;
    try {
      await deployment({ onOutput: print, onError: print, onEvent });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      ok = false;
    }
    const output = printed.join("");
    this.site.transcript.push(output);
    return { ok, output, changes: changes.sort() };
  }
}

/** Left as it is, or only looked at. */
const HARMLESS = new Set(["same", "refresh"]);

/** Events tell of a step twice: before it, and with what came out. Only the latter knows what a refresh found. */
function changesOf({ resOutputsEvent }: EngineEvent): string[] {
  const { op, urn } = resOutputsEvent?.metadata ?? {};
  return op === undefined || HARMLESS.has(op) || urn === undefined ? [] : [`${op} ${urn.split("::").at(-1)}`];
}
