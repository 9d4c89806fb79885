import assert from "node:assert/strict";
import { mkdirSync, rmdirSync } from "node:fs";
import { after, it } from "node:test";
import { chooseStacks } from "../../ops/fleet/chosen-stacks";
import { runOperation } from "../../ops/fleet/run-operation";
import type { Operation } from "../../ops/fleet/stack-deployer";
import type { StackOutcome } from "../../ops/fleet/stack-outcome";
import { fleetStatus, isAsDeclared } from "../../ops/fleet/status";
import { withRehearsedFleet } from "../../rehearsal/session/fleet-deployer";
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

it("an up brings the tenants of every stack to life, and what they share once", async () => {
  await rehearsal.open();
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

function onFleet<Result>(work: Parameters<typeof withRehearsedFleet<Result>>[3]): Promise<Result> {
  const place = { home: rehearsal.home.path, tenants: rehearsal.tenants };
  const { chosen } = chooseStacks({}, { tenants: rehearsal.tenants });
  const names = chosen.map(({ stack }) => stack);
  return withRehearsedFleet(names, place, () => {}, work, SHARED);
}

function fileOf(slug: string, stack: string): string {
  return `${frontend(slug)}${stack === "prod" ? "" : `stack: ${stack}\n`}${UNPROVED}`;
}
