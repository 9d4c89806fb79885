import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findPulumiCli, NO_CLI, type PulumiCli } from "../../rehearsal/pulumi/find-cli";
import { PROJECT_DIR } from "../../rehearsal/session/places";
import { type Site, startEmptySite } from "../acceptance/site";
import { StackRuns } from "../acceptance/stack-runs";
import { frontend, ScratchRehearsal } from "../rehearsal/scratch-rehearsal";
import { type CommandCost, timedCommand } from "./measuring";

/** What a fleet in one stack costs under the Pulumi CLI. */
export interface FleetCost {
  /** Of the CLI and all that it started: the program, its language host, the dynamic resources. Not of the plugins. */
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

  private async timed(words: readonly string[]): Promise<CommandCost> {
    const { cli, projectDir, env } = this.site;
    const command = [cli.program, ...words, "--stack", "prod", "--non-interactive"];
    return timedCommand(command, { cwd: projectDir, env: { ...process.env, ...env } });
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
