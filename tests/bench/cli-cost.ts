import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { findPulumiCli, NO_CLI, type PulumiCli } from "../../rehearsal/pulumi/find-cli";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { type Site, startEmptySite } from "../acceptance/site";
import { StackRuns } from "../acceptance/stack-runs";
import { frontend, ScratchRehearsal } from "../rehearsal/scratch-rehearsal";

/** What one command of the Pulumi CLI took, in seconds. */
export interface CommandCost {
  readonly wall: number;
  /** Of the CLI and all that it started: the program, its language host, the dynamic resources. Not of the plugins. */
  readonly cpu: number;
}

/** What a fleet in one stack costs under the Pulumi CLI. */
export interface FleetCost {
  readonly commands: Readonly<Record<CommandName, CommandCost>>;
  /** What one more tenant adds to the file that holds the state. */
  readonly stateBytes: number;
}

export const COMMANDS = ["first up", "no-op preview", "no-op up", "up of one more"] as const;
export type CommandName = (typeof COMMANDS)[number];

/**
 * Carries commands out, all four if not told otherwise, with each checkout in turn, so that both meet the same machine. The plugins are this checkout's
 * stand-ins for all of them, unless the real ones are on PATH.
 *
 * @throws Error without a Pulumi CLI.
 */
export async function measureFleets(
  checkouts: readonly string[],
  tenants: number,
  commands: readonly CommandName[] = COMMANDS,
): Promise<FleetCost[]> {
  const cli = findPulumiCli();
  if (cli === undefined) throw new Error(NO_CLI);
  const fleets: Fleet[] = [];
  try {
    for (const checkout of checkouts) fleets.push(await Fleet.start(cli, checkout, tenants));
    for (const command of commands) {
      for (const fleet of fleets) await fleet.measure(command);
    }
    return fleets.map((fleet) => fleet.cost());
  } finally {
    for (const fleet of fleets) await fleet.site.remove();
  }
}

/** What one more tenant adds to a rehearsal's state, in bytes. */
export async function measureRehearsedState(): Promise<number> {
  const rehearsal = new ScratchRehearsal({ t000: frontend("t000") });
  try {
    await rehearsal.up();
    const size = () => statSync(rehearsal.home.statePath("prod")).size;
    const before = size();
    rehearsal.declare("t001");
    await rehearsal.up();
    return size() - before;
  } finally {
    await rehearsal.remove();
  }
}

/** One stack of one checkout. */
class Fleet {
  private readonly costs = new Map<CommandName, CommandCost>();
  private readonly sizes: number[] = [];

  private constructor(
    readonly site: Site,
    private readonly tenants: number,
  ) {}

  static async start(cli: PulumiCli, checkout: string, tenants: number): Promise<Fleet> {
    const site = await startEmptySite(cli, checkout);
    const fleet = new Fleet(site, tenants);
    for (let index = 0; index < tenants; index += 1) fleet.declare(index);
    await StackRuns.create(site, "prod", checkout);
    return fleet;
  }

  async measure(command: CommandName): Promise<void> {
    console.error(`  ${command}: ${this.site.projectDir}`);
    if (command === "up of one more") this.declare(this.tenants);
    const words = command === "no-op preview" ? ["preview"] : ["up", "--yes", "--skip-preview"];
    this.costs.set(command, await this.timed(words));
    this.sizes.push(sizeOf(join(this.site.backendDir, ".pulumi", "stacks", "b2b-tenants")));
  }

  cost(): FleetCost {
    const [before = 0, last = 0] = this.sizes.slice(-2);
    return { commands: Object.fromEntries(this.costs) as FleetCost["commands"], stateBytes: last - before };
  }

  private get folder(): string {
    return join(this.site.projectDir, "tenants");
  }

  private declare(index: number): void {
    const slug = `t${String(index).padStart(3, "0")}`;
    writeFileSync(join(this.folder, `${slug}.yaml`), frontend(slug));
  }

  /** bash adds up what the CLI and its descendants have used, once they have ended. */
  private async timed(words: readonly string[]): Promise<CommandCost> {
    const { cli, projectDir, env } = this.site;
    const child = spawn(
      "/bin/bash",
      ["-c", 'TIMEFORMAT="%R %U %S"; time "$@"', "-", cli.program, ...words, "--stack", "prod", "--non-interactive"],
      { cwd: projectDir, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] },
    );
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    if (child.exitCode !== 0) throw new Error(`pulumi ${words.join(" ")} failed: ${stdout}${stderr}`);
    const [wall = 0, user = 0, system = 0] = (stderr.trimEnd().split("\n").at(-1) ?? "").split(" ").map(Number);
    return { wall, cpu: user + system };
  }
}

/** The size of the stack's state in that folder, where the backend keeps a copy of what was there before, too. */
function sizeOf(folder: string): number {
  const name = readdirSync(folder).find((name) => /^prod\.json(\.gz|\.zst)?$/.test(name));
  if (name === undefined) throw new Error(`${folder} holds no state of stack prod`);
  return statSync(join(folder, name)).size;
}

/** This checkout, and the one to compare it with. */
export function checkouts(against: string | undefined): string[] {
  return against === undefined ? [PROJECT_DIR] : [against, PROJECT_DIR];
}
