import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";
import { Client } from "pg";
import { counted } from "../../domain/counted";
import { roleName, schemaName } from "../../domain/names";
import { parseArguments } from "../../rehearsal/cli/arguments";
import { runStop } from "../../rehearsal/cli/commands";
import { up } from "../../rehearsal/engine/engine";
import { findPulumiCli } from "../../rehearsal/pulumi/find-cli";
import { fromWhereItWasTyped, PROJECT_DIR } from "../../rehearsal/session/places";
import { type Session, withSession } from "../../rehearsal/session/session";
import { findChromium } from "../page/browser";
import { COMMANDS, checkouts, type FleetCost, measureFleets, measureRehearsedState } from "./cli-cost";
import { type MeasuredCommand, measureCommands } from "./commands";
import { measureFleet } from "./fleet";
import { measureGate } from "./gate";
import { measureMigrations } from "./migrations";
import { measureMove } from "./move";
import { measurePage } from "./page";
import { measureTests } from "./test-time";
import { measureTrial } from "./trial";

const SIZES = [1, 10, 50] as const;
const MEBIBYTE = 1024 * 1024;

/** What one fleet cost. Seconds. */
interface Measured {
  readonly tenants: number;
  readonly up: number;
  readonly psql: number;
  readonly addOne: number;
  readonly memory: number;
}

const PARTS: readonly string[] = [
  "fleets",
  "gate",
  "commands",
  "migrations",
  "trial",
  "move",
  "cli-cost",
  "page",
  "fleet",
  "tests",
];

/**
 * What the rehearsal costs, what the gate of a removal does, and the commands about a whole fleet: all figures are of this machine
 * and this run, so only the ratios say something to another. `npm run bench`
 *
 * For a quick try: `npm run bench -- --only gate --gate-mb 50`, or `npm run bench -- --only commands --tenants 10`. The part migrations
 * has npm install two other programs into a folder of its own. The part cli-cost runs on the real engine, where a Pulumi CLI is on PATH, and against another checkout: `--only cli-cost --against DIR`;
 * so does the part tests, with `npm test` of both, twice.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      "gate-mb": { type: "string", default: "1024" },
      tenants: { type: "string" },
      against: { type: "string" },
    },
  });
  const { only, "gate-mb": mebibytes, tenants, against } = values;
  const known = only === undefined || PARTS.includes(only);
  if (!known || !/^[1-9]\d{0,5}$/.test(mebibytes) || !/^[1-9]\d{0,3}$/.test(tenants ?? "1")) {
    throw new Error(
      `usage: npm run bench -- [--only ${PARTS.join("|")}] [--gate-mb MEBIBYTES] [--tenants NUMBER] [--against CHECKOUT]`,
    );
  }
  const wanted = (part: string) => only === undefined || only === part;
  if (wanted("fleets")) await benchFleets();
  if (wanted("gate")) await benchGate(Number(mebibytes));
  if (wanted("commands")) await benchCommands(Number(tenants ?? 100));
  if (wanted("migrations")) await benchMigrations(Number(tenants ?? 100));
  if (wanted("trial")) await benchTrial(Number(mebibytes));
  if (wanted("move")) await benchMove(Number(mebibytes));
  if (only === "page" || (only === undefined && findChromium() !== undefined)) await benchPage(Number(tenants ?? 1000));
  if (only === "cli-cost" || (only === undefined && findPulumiCli() !== undefined)) {
    await benchCliCost(Number(tenants ?? 20), against && fromWhereItWasTyped(against));
  }
  // These two take half an hour each, so nobody gets them without asking.
  if (only === "fleet") await benchFleet(Number(tenants ?? 100), against && fromWhereItWasTyped(against));
  if (only === "tests") await benchTests(against && fromWhereItWasTyped(against));
}

async function benchPage(tenants: number): Promise<void> {
  console.error(`the page of ${tenants} tenants ...`);
  const { bytes, json, page, firstPaint, loading, filtering, sorting } = await measurePage(tenants);
  console.log(`the page of ${tenants} tenants: ${(bytes / 1e6).toFixed(2)} MB`);
  console.log(
    `  milliseconds of scripting: ${row({ loading, filtering, sorting })}; first painted after ${firstPaint.toFixed(0)}`,
  );
  ratio("reading the report and writing the page / writing it as JSON", page / json);
}

function row(milliseconds: Readonly<Record<string, number>>): string {
  return Object.entries(milliseconds)
    .map(([what, value]) => `${what} ${value.toFixed(0)}`)
    .join(", ");
}

/** The same tenants in stacks of ten, and in one: of this checkout, or of the one to compare with. */
async function benchFleet(tenants: number, against = PROJECT_DIR): Promise<void> {
  console.error(`${tenants} tenants in one stack and in several, under the Pulumi CLI ...`);
  const { oneStack, fleet, oneMore, oneMoreInEmpty } = await measureFleet(tenants, against);
  ratio("first up, in several stacks / in one", fleet.firstUp / oneStack.firstUp);
  ratio("no-op preview, in several stacks / in one", fleet.preview / oneStack.preview);
  ratio("one more tenant, in that fleet / in an empty one", oneMore / oneMoreInEmpty);
}

/** Twice, since what a checkout keeps from its first run makes the second one faster. */
async function benchTests(against: string | undefined): Promise<void> {
  for (const pair of ["first", "second"]) {
    console.error(`npm test, the ${pair} time ...`);
    const measured = await measureTests(checkouts(against));
    for (const { wall, cpu, cases } of measured) {
      console.log(`npm test: ${wall.toFixed(1)} s, ${cpu.toFixed(0)} s of CPU, ${cases} cases`);
    }
    const [before, now] = measured;
    if (before !== undefined && now !== undefined) ratio("npm test, this checkout / the other", now.wall / before.wall);
  }
}

/** Of several checkouts the first is the one that the others are compared with. */
async function benchCliCost(tenants: number, against: string | undefined): Promise<void> {
  console.error(`${tenants} tenants in one stack under the Pulumi CLI ...`);
  const measured = await measureFleets(checkouts(against), tenants);
  const table = new Table({
    head: [`${tenants} tenants`, ...measured.flatMap(() => ["wall, s", "CPU, s"])],
    style: { head: [], border: [] },
  });
  for (const command of COMMANDS) {
    const costs = measured.flatMap(({ commands }) => [commands[command].wall, commands[command].cpu]);
    table.push([command, ...costs.map((seconds) => seconds.toFixed(1))]);
  }
  const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);
  table.push(["state of one more tenant, kB", ...measured.flatMap(({ stateBytes }) => [kilobytes(stateBytes), ""])]);
  console.log(table.toString());
  console.log(`a rehearsal's state of one more tenant, kB: ${kilobytes(await measureRehearsedState())}`);
  const [before, now] = measured;
  if (before === undefined || now === undefined) return;
  const cpu = ({ commands }: FleetCost) => COMMANDS.reduce((sum, command) => sum + commands[command].cpu, 0);
  ratio("CPU of the four commands, this checkout / the other", cpu(now) / cpu(before));
  const preview = ({ commands }: FleetCost) => commands["no-op preview"].wall;
  ratio("wall of the no-op preview, this checkout / the other", preview(now) / preview(before));
  ratio("state of one more tenant, this checkout / the other", now.stateBytes / before.stateBytes);
}

async function benchCommands(tenants: number): Promise<void> {
  console.error(`verify and report of ${tenants} tenants ...`);
  const { floor, verify, report } = await measureCommands(tenants);
  const table = new Table({
    head: [`${tenants} tenants`, "its work, s", "the command, s", "work / logins", "command / logins"],
    style: { head: [], border: [] },
  });
  const row = (name: string, { work, command }: MeasuredCommand) => [
    name,
    ...[work, command, work / floor, command / floor].map((value) => value.toFixed(2)),
  ];
  table.push(["one login of each tenant", floor.toFixed(2), "", "1.00", ""]);
  table.push(row("verify", verify), row("report", report));
  console.log(table.toString());
  ratio("verify / one login of each tenant", verify.work / floor);
  ratio("report / one login of each tenant", report.work / floor);
}

const FILES = 20;

/** Of each program as it is meant to be called; this one as the Pulumi CLI calls it. */
async function benchMigrations(tenants: number): Promise<void> {
  console.error(`${FILES} migrations of ${tenants} schemas, by this program and two others ...`);
  const { programs, many, noOp, status } = await measureMigrations(tenants, FILES);
  const table = new Table({
    head: [`${tenants} schemas, ${FILES} files`, "s", "ms per file"],
    style: { head: [], border: [] },
  });
  for (const { name, seconds } of programs) {
    table.push([name, seconds.toFixed(2), ((1000 * seconds) / tenants / FILES).toFixed(2)]);
  }
  console.log(table.toString());
  const [own = 0, ...others] = programs.map(({ seconds }) => seconds);
  ratio("migrations, this program / the faster of the others", own / Math.min(...others));
  for (const [what, { seconds, queries }] of [
    ["a deployment with nothing to run", noOp],
    ["migrate --status", status],
  ] as const) {
    console.log(`${what}, ${many} schemas: ${seconds.toFixed(2)} s of work, ${counted(queries, "query", "queries")}`);
  }
}

async function benchTrial(mebibytes: number): Promise<void> {
  console.error(`migrate --try of a tenant with ${mebibytes} MiB ...`);
  const { schema, trial, migrations, bare, unpacked } = await measureTrial(mebibytes);
  const table = new Table({
    head: [
      "schema, MiB",
      "--try, s",
      "its migrations, s",
      "bare pg_dump | pg_restore, s",
      "the same with --compress=0, s",
    ],
    style: { head: [], border: [] },
  });
  table.push([schema.toFixed(0), ...[trial, migrations, bare, unpacked].map((seconds) => seconds.toFixed(1))]);
  console.log(table.toString());
  ratio("--try / bare copy and the migrations", trial / (bare + migrations));
  ratio("--try / copy with --compress=0 and the migrations", trial / (unpacked + migrations));
}

async function benchMove(mebibytes: number): Promise<void> {
  console.error(`a move of a tenant with ${mebibytes} MiB to another database server ...`);
  const { schema, foretold, down, dump, restore } = await measureMove(mebibytes);
  const table = new Table({
    head: ["schema, MiB", "down, s", "foretold, s", "bare pg_dump, s", "bare pg_restore, s"],
    style: { head: [], border: [] },
  });
  table.push([schema.toFixed(0), ...[down, foretold, dump, restore].map((seconds) => seconds.toFixed(1))]);
  console.log(table.toString());
  ratio("down / bare pg_dump and pg_restore", down / (dump + restore));
}

async function benchGate(mebibytes: number): Promise<void> {
  console.error(`the gate of a tenant with ${mebibytes} MiB ...`);
  const { schema, archive, gate, steps, dump, restore } = await measureGate(mebibytes);
  const table = new Table({
    head: ["schema, MiB", "archive, MiB", "gate, s", "bare pg_dump, s", "bare pg_restore, s", "gate / bare"],
    style: { head: [], border: [] },
  });
  const bare = dump + restore;
  table.push([
    schema.toFixed(0),
    archive.toFixed(0),
    ...[gate, dump, restore].map((seconds) => seconds.toFixed(1)),
    (gate / bare).toFixed(2),
  ]);
  console.log(table.toString());
  const share = (seconds: number) => `${((100 * seconds) / gate).toFixed(0)} %`;
  console.log(`the gate's time: ${steps.map(([step, seconds]) => `${step} ${share(seconds)}`).join(", ")}`);
  ratio("gate with its proof / bare pg_dump and pg_restore", gate / bare);
}

async function benchFleets(): Promise<void> {
  const none = await measure(0);
  const measured: Measured[] = [];
  for (const size of SIZES) {
    measured.push(await measure(size));
  }
  const table = new Table({
    head: ["tenants", "up, s", "s per tenant", "same SQL through one psql, s", "up / psql", "engine memory, MiB"],
    style: { head: [], border: [] },
  });
  for (const { tenants, up, psql, memory } of measured) {
    table.push([
      tenants,
      up.toFixed(1),
      (up / tenants).toFixed(2),
      psql.toFixed(2),
      (up / psql).toFixed(0),
      memory.toFixed(0),
    ]);
  }
  console.log(table.toString());
  const [first, last] = [measured[0], measured.at(-1)] as [Measured, Measured];
  ratio(`seconds per tenant, ${last.tenants} at once / 1 alone`, last.up / last.tenants / first.up);
  ratio(`adding one tenant to ${last.tenants} / adding one to none`, last.addOne / none.addOne);
  ratio(`engine memory with ${last.tenants} tenants / with 1`, last.memory / first.memory);
}

function ratio(name: string, value: number): void {
  console.log(`${name}: ${value.toFixed(2)}`);
}

/** A fleet of that size brought to life in a home of its own, then one more tenant. */
async function measure(tenants: number): Promise<Measured> {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-"));
  // PostgreSQL, which root starts as another user, has to pass through.
  chmodSync(folder, 0o711);
  const files = path.join(folder, "tenants");
  mkdirSync(files);
  const declare = (index: number) => {
    writeFileSync(path.join(files, `${slug(index)}.yaml`), `frontendUrl: https://t${index}.example.com\n`);
  };
  for (let index = 0; index < tenants; index += 1) {
    declare(index);
  }
  const args = parseArguments(["up", "--home", path.join(folder, "home"), "--tenants", files]);
  if (args === "help") {
    throw new Error("unreachable: no help was asked for");
  }
  try {
    return await withSession(args, console.error, async (session) => {
      console.error(`${tenants} tenants ...`);
      const first = await timedUp(session);
      const { memory } = first;
      declare(tenants);
      const { seconds: addOne } = await timedUp(session);
      return { tenants, up: first.seconds, psql: await timedPsql(session, tenants), addOne, memory };
    });
  } finally {
    await runStop(args, { print: () => {}, report: () => {} });
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `memory` is the peak of what the engine's process held during the run, in MiB. */
async function timedUp(session: Session): Promise<{ seconds: number; memory: number }> {
  let memory = 0;
  const sample = () => {
    memory = Math.max(memory, process.memoryUsage.rss() / MEBIBYTE);
  };
  const began = performance.now();
  const { failures } = await up(session.engine({ planned: sample, done: sample }));
  if (failures.length > 0) {
    throw new Error(`the run failed: ${failures[0]?.message}`);
  }
  return { seconds: (performance.now() - began) / 1000, memory };
}

/** The SQL that the deployment comes to, for as many tenants of other names, through one psql. */
async function timedPsql({ postgres }: Session, tenants: number): Promise<number> {
  const script = readFileSync(path.join(PROJECT_DIR, "sql", "tenant_init.sql"), "utf8");
  const parts = ["\\set ON_ERROR_STOP 1"];
  for (let index = 0; index < tenants; index += 1) {
    parts.push(onboardingSql(`bare_${slug(index)}`, postgres.adminUser, postgres.database, script));
  }
  const env = {
    PATH: process.env.PATH,
    PGHOST: postgres.host,
    PGPORT: String(postgres.port),
    PGDATABASE: postgres.database,
    PGUSER: postgres.adminUser,
    PGPASSWORD: postgres.adminPassword,
  };
  const began = performance.now();
  const child = spawn(postgres.programs.psql, ["-q", "-X", "-f", "-"], { env, stdio: ["pipe", "ignore", "inherit"] });
  child.stdin.end(parts.join("\n"));
  const [status] = await once(child, "exit");
  if (status !== 0) {
    throw new Error(`psql ended with status ${status}`);
  }
  return (performance.now() - began) / 1000;
}

function onboardingSql(tenant: string, admin: string, database: string, script: string): string {
  const client = new Client();
  const [role, schema] = [client.escapeIdentifier(roleName(tenant)), client.escapeIdentifier(schemaName(tenant))];
  const [owner, base] = [client.escapeIdentifier(admin), client.escapeIdentifier(database)];
  return `
    create role ${role} login password ${client.escapeLiteral(tenant)};
    grant ${role} to ${owner} with set true;
    create schema ${schema} authorization ${role};
    grant connect on database ${base} to ${role};
    grant all privileges on schema ${schema} to ${role};
    alter default privileges in schema ${schema} grant all on tables to ${role};
    alter default privileges in schema ${schema} grant all on sequences to ${role};
    alter role ${role} set search_path to ${schema};
    set role ${role};
    set search_path to ${schema};
    ${script}
    reset role;
    reset search_path;`;
}

function slug(index: number): string {
  return `t${String(index).padStart(3, "0")}`;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
