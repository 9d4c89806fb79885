import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { type Site, startSite } from "../acceptance/site";
import { StackRuns } from "../acceptance/stack-runs";
import { frontend } from "../rehearsal/scratch-rehearsal";

/** Tenants of one stack of the fleet. */
const ROOM = 10;

/** Seconds of wall time, each by `fleet up` or `fleet preview` under the Pulumi CLI. */
export interface FleetTimes {
  readonly firstUp: number;
  readonly preview: number;
}

export interface MeasuredFleet {
  readonly oneStack: FleetTimes;
  readonly fleet: FleetTimes;
  /** One more tenant, in a stack that had all but one of its tenants, and in a fleet that had none. */
  readonly oneMore: number;
  readonly oneMoreInEmpty: number;
}

/** The same tenants in one stack and in stacks of ten. @throws Error without a Pulumi CLI. */
export async function measureFleet(tenants: number): Promise<MeasuredFleet> {
  const oneMoreInEmpty = await onSite(["prod"], async (site) => {
    await fleet(site, "up", "--yes");
    declare(site, 0, "prod");
    return fleet(site, "up", "--yes", "--stack", "prod");
  });
  const oneStack = await onSite(["prod"], async (site) => {
    for (let index = 0; index < tenants; index += 1) declare(site, index, "prod");
    return { firstUp: await fleet(site, "up", "--yes"), preview: await fleet(site, "preview") };
  });
  const stacks = Array.from({ length: Math.ceil(tenants / ROOM) }, (_, at) => (at === 0 ? "prod" : `prod-${at + 1}`));
  return onSite(stacks, async (site) => {
    const stackOf = (index: number) => stacks[Math.floor(index / ROOM)] ?? "prod";
    for (let index = 0; index < tenants - 1; index += 1) declare(site, index, stackOf(index));
    const times = { firstUp: await fleet(site, "up", "--yes"), preview: await fleet(site, "preview") };
    const last = stackOf(tenants - 1);
    declare(site, tenants - 1, last);
    const oneMore = await fleet(site, "up", "--yes", "--stack", last);
    await fleet(site, "destroy", "--yes");
    return { oneStack, fleet: times, oneMore, oneMoreInEmpty };
  });
}

async function onSite<Result>(stacks: readonly string[], work: (site: Site) => Promise<Result>): Promise<Result> {
  const cli = findPulumiCli();
  if (cli === undefined) throw new Error(NO_CLI);
  const site = await startSite(cli);
  try {
    rmSync(join(site.projectDir, "tenants"), { recursive: true });
    mkdirSync(join(site.projectDir, "tenants"));
    for (const stack of stacks) await StackRuns.create(site, stack);
    return await work(site);
  } finally {
    await site.remove();
  }
}

function declare(site: Site, index: number, stack: string): void {
  const slug = `t${String(index).padStart(3, "0")}`;
  // A hundred proved backups are another part's matter.
  const more = `${stack === "prod" ? "" : `stack: ${stack}\n`}offboarding: { backup: false }\n`;
  writeFileSync(join(site.projectDir, "tenants", `${slug}.yaml`), frontend(slug) + more);
}

async function fleet(site: Site, ...args: string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, ["cli/b2b-tenants.js", "fleet", ...args], {
    cwd: site.projectDir,
    env: { ...process.env, ...site.env, INIT_CWD: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, , [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  const seconds = (performance.now() - began) / 1000;
  if (status !== 0) throw new Error(`fleet ${args.join(" ")} ended with status ${status}:\n${stdout}`);
  console.error(`  fleet ${args.join(" ")}: ${seconds.toFixed(1)} s`);
  return seconds;
}
