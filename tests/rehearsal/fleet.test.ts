import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, it } from "node:test";
import { chooseStacks } from "../../ops/fleet/chosen-stacks";
import { runOperation } from "../../ops/fleet/run-operation";
import type { Operation, StackDeployer } from "../../ops/fleet/stack-deployer";
import type { StackOutcome } from "../../ops/fleet/stack-outcome";
import { fleetStatus, isAsDeclared } from "../../ops/fleet/status";
import type { MovableStacks } from "../../ops/move/movable-stacks";
import { moveTenants } from "../../ops/move/move-tenants";
import { rehearsalDeployer, withRehearsedStacks } from "../../rehearsal/session/fleet-deployer";
import { rehearsedStacks } from "../../rehearsal/session/movable-stacks";
import { leftovers } from "./leftovers";
import { frontend, ScratchRehearsal } from "./scratch-rehearsal";
import { SHARED } from "./shared-processes";

// The tests are one story of one fleet, in this order: `npx b2b-tenants fleet` on a rehearsal, in this process.

const STACKS = { ana: "prod", bea: "prod", carla: "prod-2", dora: "prod-2", elsa: "prod-3", flor: "prod-3" };
const UNPROVED = "offboarding: { backup: false }\n";
const rehearsal = new ScratchRehearsal(
  Object.fromEntries(Object.entries(STACKS).map(([slug, stack]) => [slug, fileOf(slug, stack)])),
);
after(() => rehearsal.remove());

it("before the fleet stack is deployed, the preview of another stack does not know the servers' group, and an up says what is missing", async () => {
  await rehearsal.open();
  const { status, stacks } = await fleet("preview", "prod-3");
  const missing =
    /there is no security group b2b-tenants-prod-servers-[0-9a-f]{8} in vpc-\w+ yet: the fleet stack .* Deploy it first/;
  assert.deepEqual([status, stacks[0]?.changes.create], [0, 54]);
  assert.match(JSON.stringify(stacks[0]?.warnings), missing);
  const up = await fleet("up", "prod-3");
  assert.equal(up.status, 1);
  assert.match(JSON.stringify(up.stacks), missing);
});

it("an up brings the tenants of every stack to life, and what they share once", async () => {
  const { status, stacks } = await fleet("up");
  assert.deepEqual(
    [status, stacks.map(({ stack, result, tenants }) => [stack, result, ...cameTo(tenants, "made")])],
    [
      0,
      [
        ["prod", "done", "ana", "bea"],
        ["prod-2", "done", "carla", "dora"],
        ["prod-3", "done", "elsa", "flor"],
      ],
    ],
  );
  const there = await leftovers(rehearsal);
  for (const slug of Object.keys(STACKS)) assert.ok(there.includes(`role user_${slug}`), slug);
});

it("one changed, one refused and one removed, each in another stack: each is that stack's own", async () => {
  rehearsal.declare("bea", `${fileOf("bea", "prod")}database: { connectionLimit: 3 }\n`);
  rehearsal.declare("gina", fileOf("gina", "prod-2"));
  await rehearsal.sql("create role user_gina");
  rehearsal.withdraw("flor");
  const { status, stacks } = await fleet("up");
  assert.deepEqual(
    [status, ...stacks.map(({ stack, result }) => `${stack} ${result}`)],
    [1, "prod done", "prod-2 failed", "prod-3 done"],
  );
  const [prod, second, third] = stacks;
  assert.deepEqual(
    [cameTo(prod?.tenants, "changed"), cameTo(third?.tenants, "removed"), cameTo(second?.tenants, "unchanged")],
    [["bea"], ["flor"], ["carla", "dora"]],
  );
  const failed = second?.tenants.filter(({ result }) => result === "failed") ?? [];
  assert.match(JSON.stringify(failed), /^\[\{"slug":"gina".*role user_gina already exists/);
  const there = await leftovers(rehearsal);
  assert.ok(there.includes("role user_elsa") && !there.includes("role user_flor"));
});

it("the status says so, until it is put right", async () => {
  assert.equal(await asDeclared(), false);
  await rehearsal.sql("drop role user_gina");
  const up = await fleet("up");
  assert.deepEqual(
    up.stacks.filter(({ result }) => result !== "done"),
    [],
  );
  assert.equal(await asDeclared(), true);
  const { stacks } = await fleet("preview");
  assert.deepEqual(
    stacks.flatMap(({ changes }) => Object.keys(changes)),
    ["same", "same", "same"],
  );
});

it("tenants move to another stack with nothing of theirs touched, also when the move dies between the two states", async () => {
  const before = await leftovers(rehearsal);
  const source = readFileSync(rehearsal.home.statePath("prod"));
  const killed = move(["ana", "bea"], "prod-2", (stacks) => ({
    moveState: async (...args) => {
      await stacks.moveState(...args);
      writeFileSync(rehearsal.home.statePath("prod"), source);
      throw new Error("killed");
    },
  }));
  await assert.rejects(killed, /^Error: killed$/);
  assert.deepEqual(await holders(), { prod: ["ana", "bea"], "prod-2": ["ana", "bea", "carla", "dora", "gina"] });
  const { status, printed } = await move(["ana", "bea"], "prod-2");
  assert.equal(status, 0, printed);
  assert.match(
    printed,
    /^ana: is in the states of prod and prod-2.*ana, bea: are in prod-2\. The previews of prod and prod-2/s,
  );
  assert.deepEqual(await holders(), { prod: [], "prod-2": ["ana", "bea", "carla", "dora", "gina"] });
  assert.deepEqual(await leftovers(rehearsal), before);
});

it("until both stacks have been deployed from the new files, a deployment of the old ones fails and deletes nothing", async () => {
  const before = await leftovers(rehearsal);
  const moved = readFileSync(join(rehearsal.tenants, "ana.yaml"), "utf8");
  assert.equal(moved, fileOf("ana", "prod").concat("stack: prod-2\n"));
  rehearsal.declare("ana", fileOf("ana", "prod"));
  const { stacks } = await fleet("up");
  assert.deepEqual(
    stacks.map(({ stack, result }) => `${stack} ${result}`),
    ["prod failed", "prod-2 failed", "prod-3 done"],
  );
  assert.match(JSON.stringify(stacks[1]), /ana-gate.*protect/);
  const there = await leftovers(rehearsal);
  assert.deepEqual(
    before.filter((thing) => !there.includes(thing)),
    [],
  );
  rehearsal.declare("ana", moved);
  const { stacks: after } = await fleet("up");
  assert.deepEqual(
    after.map(({ result, tenants }) => [result, cameTo(tenants, "changed"), cameTo(tenants, "made")]),
    [
      ["done", [], []],
      ["done", [], []],
      ["done", [], []],
    ],
  );
  assert.deepEqual(await leftovers(rehearsal), before);
});

it("a move is refused as long as something else is waiting, and taken back by one to where they came from", async () => {
  rehearsal.declare("carla", `${fileOf("carla", "prod-2")}database: { connectionLimit: 3 }\n`);
  await assert.rejects(
    move(["ana"], "prod"),
    /^Error: what is declared is not deployed yet.*\n {2}prod-2: update carla-role/s,
  );
  rehearsal.declare("carla", fileOf("carla", "prod-2"));
  const { status, printed } = await move(["ana", "bea"], "prod");
  assert.equal(status, 0, printed);
  assert.deepEqual((await holders()).prod, ["ana", "bea"]);
  const { printed: again } = await move(["ana"], "prod");
  assert.match(again, /^ana: is in prod\. The previews of prod show no change/);
  const { stacks } = await fleet("up");
  assert.deepEqual(
    stacks.flatMap(({ result, changes }) => [result, ...Object.keys(changes)]),
    ["done", "same", "done", "same", "done", "same"],
  );
});

it("the fleet stack alone cannot be destroyed; all together leave nothing", async () => {
  await assert.rejects(fleet("destroy", "prod"), /there still is prod-2 \(3 tenants\), prod-3 \(1 tenant\)/);
  const { status, stacks } = await fleet("destroy");
  assert.deepEqual([status, stacks.at(-1)?.stack], [0, "prod"]);
  assert.deepEqual(await leftovers(rehearsal), []);
});

it("a home that the Pulumi CLI drives is refused by name", async () => {
  mkdirSync(rehearsal.home.cliPath);
  try {
    await assert.rejects(asDeclared(), {
      message: /^--home .*: the Pulumi CLI drives it \(--cli\), and a fleet is rehearsed/,
    });
  } finally {
    rmdirSync(rehearsal.home.cliPath);
  }
});

/** @param faulty What of the stacks does otherwise. */
async function move(
  slugs: readonly string[],
  to: string,
  faulty: (stacks: MovableStacks) => Partial<MovableStacks> = () => ({}),
): Promise<{ status: number; printed: string }> {
  const chosen = chooseStacks({}, { tenants: rehearsal.tenants, stack: to });
  const printed: string[] = [];
  const output = { print: (text: string) => void printed.push(text), report: () => {} };
  const status = await onStacks((sessions) => {
    const stacks = rehearsedStacks(sessions);
    const options = { slugs, to, fleet: chosen, consent: async () => true, json: false, place: "" };
    return moveTenants({ ...options, stacks: { ...stacks, ...faulty(stacks) } }, output);
  });
  return { status, printed: printed.join("\n") };
}

/** The tenants that the states of the first two stacks hold. */
async function holders(): Promise<Record<string, readonly string[]>> {
  return onFleet(async (deployer) => ({
    prod: (await deployer.holdings("prod")).tenants,
    "prod-2": (await deployer.holdings("prod-2")).tenants,
  }));
}

function cameTo(tenants: StackOutcome["tenants"] = [], wanted: string): (string | undefined)[] {
  return tenants.filter(({ slug, result }) => slug !== undefined && result === wanted).map(({ slug }) => slug);
}

async function fleet(operation: Operation, stack?: string): Promise<{ status: number; stacks: StackOutcome[] }> {
  const chosen = chooseStacks({ stack }, { tenants: rehearsal.tenants });
  const printed: string[] = [];
  const output = { print: (text: string) => void printed.push(text), report: () => {} };
  const status = await onFleet((deployer) =>
    runOperation(
      operation,
      {
        fleet: chosen,
        deployer,
        parallel: 2,
        json: true,
        consent: undefined,
        display: () => ({ begun: () => {}, event: () => {}, ended: () => {}, say: () => {} }),
        interruptible: (_handlers, work) => work(),
        again: "",
        recover: () => "",
      },
      output,
    ),
  );
  return { status, stacks: JSON.parse(printed.join()).stacks };
}

async function asDeclared(): Promise<boolean> {
  const chosen = chooseStacks({}, { tenants: rehearsal.tenants });
  return onFleet(async (deployer) => isAsDeclared(await fleetStatus(chosen, deployer, 2)));
}

function onFleet<Result>(work: (deployer: StackDeployer) => Promise<Result>): Promise<Result> {
  return onStacks((sessions) => work(rehearsalDeployer(sessions)));
}

function onStacks<Result>(work: Parameters<typeof withRehearsedStacks<Result>>[3]): Promise<Result> {
  const place = { home: rehearsal.home.path, tenants: rehearsal.tenants };
  const { chosen } = chooseStacks({}, { tenants: rehearsal.tenants });
  const names = chosen.map(({ stack }) => stack);
  return withRehearsedStacks(names, place, () => {}, work, SHARED);
}

function fileOf(slug: string, stack: string): string {
  return `${frontend(slug)}${stack === "prod" ? "" : `stack: ${stack}\n`}${UNPROVED}`;
}
