import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { findPulumiCli, NO_CLI } from "../../rehearsal/pulumi/find-cli";
import { inventory } from "../acceptance/inventory";
import { type Site, startEmptySite } from "../acceptance/site";
import { StackRuns } from "../acceptance/stack-runs";
import { frontend } from "../rehearsal/scratch-rehearsal";
import { measureFleets } from "./cli-cost";

/** Tenants of one stack of the fleet. */
const ROOM = 10;

/** Seconds of wall time. */
export interface FleetTimes {
  readonly firstUp: number;
  readonly preview: number;
}

export interface MeasuredFleet {
  /** By the Pulumi CLI itself. */
  readonly oneStack: FleetTimes;
  /** By `fleet up` and `fleet preview`. */
  readonly fleet: FleetTimes;
  /** One more tenant, in a stack that had all but one of its tenants, and in a fleet that had none. */
  readonly oneMore: number;
  readonly oneMoreInEmpty: number;
}

/**
 * The same tenants in one stack of a checkout and in stacks of ten of this one, which then live through a change, a failure, a removal
 * and their end.
 *
 * @throws Error without a Pulumi CLI, and when the fleet is not what it has to be after any of them.
 */
export async function measureFleet(tenants: number, checkout: string): Promise<MeasuredFleet> {
  const oneMoreInEmpty = await onSite(["prod"], async (site) => {
    await fleet(site, "up", "--yes");
    declare(site, 0, "prod");
    return fleet(site, "up", "--yes", "--stack", "prod");
  });
  const stacks = Array.from({ length: Math.ceil(tenants / ROOM) }, (_, at) => (at === 0 ? "prod" : `prod-${at + 1}`));
  const several = await onSite(stacks, async (site) => {
    const stackOf = (index: number) => stacks[Math.floor(index / ROOM)] ?? "prod";
    for (let index = 0; index < tenants - 1; index += 1) declare(site, index, stackOf(index));
    const times = { firstUp: await fleet(site, "up", "--yes"), preview: await fleet(site, "preview") };
    const last = stackOf(tenants - 1);
    declare(site, tenants - 1, last);
    const oneMore = await fleet(site, "up", "--yes", "--stack", last);
    await liveOn(site, tenants, stackOf);
    return { fleet: times, oneMore };
  });
  const [inOne] = await measureFleets([checkout], tenants, ["first up", "no-op preview"]);
  if (inOne === undefined) throw new Error("one checkout has one cost");
  const { "first up": up, "no-op preview": preview } = inOne.commands;
  return { oneStack: { firstUp: up.wall, preview: preview.wall }, ...several, oneMoreInEmpty };
}

/** One changed, one failed, one removed, in a stack each where there are as many; then all destroyed. */
async function liveOn(site: Site, tenants: number, stackOf: (index: number) => string): Promise<void> {
  const [changed, removed, failing] = [0, tenants - 1, tenants];
  declare(site, changed, stackOf(changed), "database: { connectionLimit: 3 }\n");
  rmSync(fileOf(site, removed));
  declare(site, failing, stackOf(Math.floor(tenants / 2)));
  await site.query(`create role user_${slugOf(failing)}`);
  await fleet(site, "up", "--yes", { status: 1 });
  const there = await site.query<{ role: string; limit: number }>(
    String.raw`select substr(rolname, 6) as role, rolconnlimit as limit from pg_roles where rolname like 'user\_%' order by 1`,
  );
  const expected = Array.from({ length: tenants + 1 }, (_, index) => index).filter((index) => index !== removed);
  assert.deepEqual(
    there.map(({ role }) => role),
    expected.map(slugOf),
  );
  assert.deepEqual([there[changed]?.limit, there[1]?.limit], [3, 10]);
  await site.query(`drop role user_${slugOf(failing)}`);
  await fleet(site, "up", "--yes");
  await fleet(site, "destroy", "--yes");
  assert.deepEqual(await inventory(site), []);
}

async function onSite<Result>(stacks: readonly string[], work: (site: Site) => Promise<Result>): Promise<Result> {
  const cli = findPulumiCli();
  if (cli === undefined) throw new Error(NO_CLI);
  const site = await startEmptySite(cli);
  try {
    for (const stack of stacks) await StackRuns.create(site, stack);
    return await work(site);
  } finally {
    await site.remove();
  }
}

function slugOf(index: number): string {
  return `t${String(index).padStart(3, "0")}`;
}

function fileOf(site: Site, index: number): string {
  return join(site.projectDir, "tenants", `${slugOf(index)}.yaml`);
}

function declare(site: Site, index: number, stack: string, more = ""): void {
  const inStack = stack === "prod" ? "" : `stack: ${stack}\n`;
  // A hundred proved backups are another part's matter.
  const words = `${frontend(slugOf(index))}${inStack}offboarding: { backup: false }\n${more}`;
  writeFileSync(fileOf(site, index), words);
}

/** Seconds that the command took. Ends with an error where its status is another. */
async function fleet(site: Site, ...words: (string | { status: number })[]): Promise<number> {
  const args = words.filter((word) => typeof word === "string");
  const expected = words.find((word) => typeof word !== "string")?.status ?? 0;
  const began = performance.now();
  const child = spawn(process.execPath, ["cli/b2b-tenants.js", "fleet", ...args], {
    cwd: site.projectDir,
    env: { ...process.env, ...site.env, INIT_CWD: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  const seconds = (performance.now() - began) / 1000;
  if (status !== expected)
    throw new Error(`fleet ${args.join(" ")} ended with status ${status}:\n${stdout}\n${stderr}`);
  console.error(`  fleet ${args.join(" ")}: ${seconds.toFixed(1)} s`);
  return seconds;
}
