import assert from "node:assert/strict";
import { test } from "node:test";
import { fleetOptions } from "../../cli/commands/fleet/fleet-command";
import type { ChosenStacks } from "../../ops/fleet/chosen-stacks";
import { deployFleet } from "../../ops/fleet/deploy-fleet";
import { inOrder, waitsFor } from "../../ops/fleet/deployment-order";
import { deploymentEvents } from "../../ops/fleet/engine-events";
import { type FleetRequest, runOperation } from "../../ops/fleet/run-operation";
import type {
  Deployed,
  DeploymentEvent,
  Holdings,
  Operation,
  StackDeployer,
  StepEvent,
} from "../../ops/fleet/stack-deployer";
import type { StackFile } from "../../ops/fleet/stack-file";
import { holdingsIn } from "../../ops/fleet/state-holdings";
import { isAsDeclared, statusText } from "../../ops/fleet/status";

const DONE: Deployed = { ok: true, stopped: false, reason: "" };
const FAILED: Deployed = { ok: false, stopped: false, reason: "the CLI's reason" };
const EMPTY: Holdings = { tenants: [], unfinished: [], resources: 0, sharedDatabase: false, interrupted: 0 };
const GUARDED: Holdings = { ...EMPTY, resources: 3, sharedDatabase: true };

const PROD = stackFile("prod", { fleet: true });
const [TWO, THREE] = [stackFile("prod-2"), stackFile("prod-3")];

test("a rehearsed fleet takes folders of tenant files and migrations; nothing else does", () => {
  const folders = { parallel: "4", tenants: "those", migrations: "these" };
  assert.deepEqual(fleetOptions({ ...folders, home: "here" }).rehearsal, {
    home: "here",
    tenants: "those",
    migrations: "these",
  });
  for (const option of ["tenants", "migrations"] as const) {
    const one = { parallel: "4", [option]: "those" };
    assert.throws(() => fleetOptions(one), new RegExp(`--${option} is for a rehearsal`));
    const since = { ...one, home: "here", touchedSince: "HEAD" };
    assert.throws(() => fleetOptions(since), new RegExp(`of this clone, and --${option} names others`));
  }
});

/** A fleet whose deployments a test decides. */
class Stage {
  readonly log: string[] = [];
  readonly holds = new Map<string, Holdings>();
  readonly fails = new Set<string>();
  readonly events = new Map<string, readonly DeploymentEvent[]>();
  readonly shown: string[] = [];
  atOnce = 0;
  most = 0;
  during: (stack: string) => void = () => {};
  /** Stacks whose state cannot be read. */
  readonly unreadable = new Set<string>();

  constructor(readonly all: readonly StackFile[] = [PROD, TWO, THREE]) {
    for (const { stack } of all) this.holds.set(stack, EMPTY);
  }

  readonly deployer: StackDeployer = {
    existing: async () => new Set(this.holds.keys()),
    holdings: async (stack) => {
      if (this.unreadable.has(stack)) throw new Error(`the state of ${stack} cannot be read`);
      return this.holds.get(stack) ?? EMPTY;
    },
    deploy: async (stack, operation, tell) => {
      this.atOnce += 1;
      this.most = Math.max(this.most, this.atOnce);
      this.log.push(`${operation} ${stack}`);
      for (const event of this.events.get(stack) ?? []) tell(event);
      await new Promise(setImmediate);
      this.during(stack);
      if (operation === "destroy" && !this.fails.has(stack)) this.holds.set(stack, EMPTY);
      this.atOnce -= 1;
      return this.fails.has(stack) ? FAILED : DONE;
    },
    stop: () => void this.log.push("stop"),
    endAtOnce: () => void this.log.push("end at once"),
  };

  fleet(chosen = this.all): ChosenStacks {
    return { chosen, waits: waitsFor(chosen, []), all: this.all, tenants: new Map([["prod-2", ["bolt", "dora"]]]) };
  }

  readonly display = {
    begun: () => {},
    event: () => {},
    ended: () => {},
    say: (line: string) => void this.shown.push(line),
  };

  async deploy(operation: Operation, chosen = this.all, signal = new AbortController().signal): Promise<string[]> {
    const { deployer, display } = this;
    const outcomes = await deployFleet(operation, {
      fleet: this.fleet(chosen),
      deployer,
      parallel: 2,
      display,
      signal,
    });
    return outcomes.map(({ stack, result, reason }) => `${stack} ${result}${reason && `: ${reason}`}`);
  }

  async command(operation: Operation, more: Partial<FleetRequest> = {}) {
    const printed: string[] = [];
    const reported: string[] = [];
    const output = {
      print: (text: string) => void printed.push(text),
      report: (text: string) => void reported.push(text),
    };
    const request: FleetRequest = {
      fleet: this.fleet(),
      deployer: this.deployer,
      parallel: 2,
      json: false,
      consent: undefined,
      display: () => this.display,
      interruptible: (_handlers, work) => work(),
      again: `npx b2b-tenants fleet ${operation}`,
      recover: (stack) => `npx b2b-tenants recover --stack ${stack}`,
      ...more,
    };
    return {
      status: await runOperation(operation, request, output),
      printed: printed.join("\n"),
      reported: reported.join("\n"),
    };
  }
}

test("the summary can be had as Markdown, in which nothing that a server says acts as markup", async () => {
  const stage = new Stage([PROD]);
  stage.events.set("prod", [{ kind: "message", severity: "error", urn: "", text: "``` <b>@ops</b>" }]);
  stage.fails.add("prod");
  const summaries: string[] = [];
  await stage.command("up", { addSummary: (markdown) => void summaries.push(markdown) });
  assert.equal(summaries.length, 1);
  assert.match(summaries[0] ?? "", /^````text\nup of 1 stack: 1 failed\n(.*\n)*.*``` <b>@ops<\/b>(.*\n)*````\n$/);
});

test("the fleet stack comes first, the others after it, no more at once than was said", async () => {
  const stage = new Stage([PROD, TWO, THREE, stackFile("prod-4")]);
  assert.deepEqual(await stage.deploy("up"), ["prod done", "prod-2 done", "prod-3 done", "prod-4 done"]);
  assert.deepEqual(stage.log, ["up prod", "up prod-2", "up prod-3", "up prod-4"]);
  assert.equal(stage.most, 2);
});

test("the fleet stack comes first, the others by their numbers, and who takes a tenant after who gives it", () => {
  const stacks = ["prod-10", "prod-9", "prod"].map((name) => ({ ...stackFile(name), fleet: name === "prod" }));
  assert.deepEqual(inOrder(stacks, []), ["prod", "prod-9", "prod-10"]);
  assert.deepEqual(inOrder(stacks, [{ from: "prod-10", to: "prod-9" }]), ["prod", "prod-10", "prod-9"]);
});

test("a stack waits for the one that a tenant leaves for it, and for no other; a fleet of other files is another", () => {
  const other = stackFile("trial", { fleet: true, tenantsDir: "trial" });
  const waits = waitsFor([TWO, PROD, other, THREE], [{ from: "prod-2", to: "prod" }]);
  assert.deepEqual(
    [...waits],
    [
      ["prod-2", []],
      ["prod", ["prod-2"]],
      ["trial", []],
      ["prod-3", ["prod"]],
    ],
  );
});

test("a stack that fails holds up no other", async () => {
  const stage = new Stage();
  stage.fails.add("prod").add("prod-2");
  stage.holds.set("prod", GUARDED);
  const why = "the CLI's reason";
  assert.deepEqual(await stage.deploy("up"), [`prod failed: ${why}`, `prod-2 failed: ${why}`, "prod-3 done"]);
});

test("no tenant is made where the fleet stack failed before it shut PUBLIC out of the database", async () => {
  const stage = new Stage();
  stage.fails.add("prod");
  const [, second, third] = await stage.deploy("up");
  assert.match(second ?? "", /^prod-2 skipped: prod has failed before it shut PUBLIC out of the database/);
  assert.match(third ?? "", /^prod-3 skipped: /);
  assert.deepEqual(stage.log, ["up prod"]);
  // A preview makes none.
  stage.log.length = 0;
  await stage.deploy("preview");
  assert.deepEqual(stage.log, ["preview prod", "preview prod-2", "preview prod-3"]);
});

test("nor where nobody can tell whether it did, nor where it is not there", async () => {
  const stage = new Stage();
  stage.fails.add("prod");
  stage.unreadable.add("prod");
  const why = "the CLI's reason";
  const skipped = /^prod-2 skipped: prod has failed before it shut PUBLIC out of the database/;
  const [first, second] = await stage.deploy("up");
  assert.equal(first, `prod failed: ${why}`);
  assert.match(second ?? "", skipped);
  stage.holds.delete("prod");
  assert.match((await stage.deploy("up"))[1] ?? "", skipped);
  assert.deepEqual(stage.log, ["up prod"]);
});

test("a stack whose deployment cannot be carried out fails alone, and the others are waited for", async () => {
  const stage = new Stage();
  stage.during = (stack) => {
    if (stack === "prod-2") throw new Error("the CLI cannot be started");
  };
  assert.deepEqual(await stage.deploy("up"), ["prod done", "prod-2 failed: the CLI cannot be started", "prod-3 done"]);
  stage.during = (stack) => {
    if (stack === "prod") throw new Error("the CLI cannot be started");
  };
  const [first, ...others] = await stage.deploy("up");
  assert.equal(first, "prod failed: the CLI cannot be started");
  for (const other of others) assert.match(other, /skipped: prod has failed before/);
});

test("no stack is made: one that is missing fails an up, and is destroyed already", async () => {
  const stage = new Stage();
  stage.holds.delete("prod-2");
  assert.deepEqual(await stage.deploy("up"), [
    "prod done",
    "prod-2 failed: there is no stack prod-2 yet; to make it: npx pulumi stack init prod-2",
    "prod-3 done",
  ]);
  assert.deepEqual((await stage.deploy("destroy"))[0], "prod-2 done: there is no such stack");
});

test("a destroy takes the fleet stack last, and leaves it as long as another one has tenants", async () => {
  const stage = new Stage();
  for (const { stack } of stage.all) stage.holds.set(stack, { ...GUARDED, tenants: ["acme"] });
  assert.deepEqual(await stage.deploy("destroy"), ["prod-2 done", "prod-3 done", "prod done"]);
  assert.equal(stage.log.at(-1), "destroy prod");

  stage.log.length = 0;
  for (const { stack } of stage.all) stage.holds.set(stack, { ...GUARDED, tenants: ["acme"] });
  stage.fails.add("prod-3");
  assert.equal(
    (await stage.deploy("destroy")).at(-1),
    "prod skipped: it keeps the tenants of all stacks apart and goes last, and there still is prod-3 (1 tenant)",
  );
  assert.ok(!stage.log.includes("destroy prod"));
});

test("the fleet stack alone is not even offered to be destroyed while others have tenants, with settings or without", async () => {
  for (const other of ["prod-2", "prod-gone"]) {
    const stage = new Stage();
    stage.holds.set("prod", GUARDED).set(other, { ...EMPTY, tenants: ["acme"], resources: 30 });
    await assert.rejects(
      stage.command("destroy", { fleet: stage.fleet([PROD]), consent: async () => assert.fail("was asked") }),
      new RegExp(`^Error: nothing was destroyed\\. prod: it keeps .* there still is ${other} \\(1 tenant\\)`),
    );
    assert.deepEqual(stage.log, []);
  }
});

test("a fleet of other tenant files is another database: it holds up no destroy", async () => {
  const trial = stackFile("trial", { fleet: true, tenantsDir: "trial" });
  const stage = new Stage([PROD, trial]);
  stage.holds.set("trial", { ...GUARDED, tenants: ["acme"] });
  assert.deepEqual(await stage.deploy("destroy", [PROD]), ["prod done"]);
});

test("a destroy names what it deletes, and does nothing without consent", async () => {
  const stage = new Stage();
  stage.holds.set("prod-2", { ...EMPTY, tenants: ["acme", "bolt"], resources: 60 });
  const { status, reported } = await stage.command("destroy", { consent: async () => false });
  assert.equal(status, 1);
  assert.match(reported, /To be destroyed:\n {2}prod-2: 60 resources, 2 tenants: acme, bolt\nNothing was done\./);
  assert.deepEqual(stage.log, []);
  assert.equal((await stage.command("destroy")).status, 0);
});

test("an up shows first what would change, and with nobody to ask does it at once", async () => {
  const stage = new Stage([PROD]);
  stage.events.set("prod", [
    step("create", "acme-role"),
    step("same", "bolt-role"),
    step("delete-replaced", "bolt-instance"),
  ]);
  const { status, reported } = await stage.command("up", { consent: async () => false });
  assert.equal(status, 1);
  assert.match(
    reported,
    /preview of 1 stack: 1 done\n {2}prod {2}done {2}1 to create, 1 unchanged \(acme, bolt\), \d+ s/,
  );
  assert.deepEqual(stage.log, ["preview prod"]);
  const { printed } = await stage.command("up");
  assert.match(
    printed,
    /^up of 1 stack: 1 done\n {2}prod {2}done {2}1 created, 1 unchanged \(acme, bolt\); 2 tenants: 2 changed, \d+ s$/,
  );
});

test("the summary tells what failed, of which tenant, and what to give again", async () => {
  const stage = new Stage();
  stage.fails.add("prod-2");
  stage.events.set("prod-2", [
    step("create", "bolt-role", "failed"),
    step("", "late-schema", "skipped"),
    { kind: "message", severity: "error", urn: urn("bolt-role"), text: "first line\nsecond line" },
    { kind: "message", severity: "warning", urn: "", text: "mind this" },
  ]);
  const { status, printed } = await stage.command("up");
  assert.equal(status, 1);
  assert.match(printed, /^up of 3 stacks: 2 done, 1 failed\n/);
  assert.match(printed, /\n\nWarnings:\n {2}prod-2: mind this\n/);
  assert.match(
    printed,
    /\n\nFailures:\n {2}prod-2: skipped, since something that all share failed: dora, late\n {2}prod-2: bolt failed: bolt-role: first line\n {6}second line\n/,
  );
  assert.match(printed, /npx b2b-tenants fleet up --stack prod-2$/);
  const json = JSON.parse((await stage.command("up", { json: true })).printed);
  assert.deepEqual(
    [json.operation, json.ok, json.stacks[1].tenants],
    [
      "up",
      false,
      [
        { slug: "bolt", result: "failed", failures: [{ name: "bolt-role", message: "first line\nsecond line" }] },
        { slug: "dora", result: "skipped", failures: [] },
        { slug: "late", result: "skipped", failures: [] },
      ],
    ],
  );
});

test("the first Ctrl-C begins no other stack and lets those at work finish; the second ends them and names the repair", async () => {
  const stage = new Stage();
  stage.fails.add("prod");
  const { status, printed } = await stage.command("up", {
    interruptible: (handlers, work) => {
      stage.during = () => {
        handlers.stop();
        handlers.endAtOnce();
      };
      return work();
    },
  });
  assert.equal(status, 1);
  assert.deepEqual(stage.log, ["up prod", "stop", "end at once"]);
  assert.match(printed, /prod-2 {2}skipped {2}it was not begun\n {2}prod-3 {2}skipped/);
  assert.equal(stage.shown.at(-1), "  npx b2b-tenants recover --stack prod");
});

test("what the engine tells: steps, reasons and policies, without its colours, and nothing that a terminal acts on", () => {
  const say = (severity: string, message: string) =>
    deploymentEvents({
      sequence: 0,
      timestamp: 0,
      diagnosticEvent: { message, severity, color: "raw", urn: "u" } as never,
    });
  assert.deepEqual(say("error", "<{%fg 1%}>error:<{%reset%}> no\u001b[2J <{%"), [
    { kind: "message", severity: "error", urn: "u", text: "error: no\\u{1b}[2J \\u{3c}{%" },
  ]);
  for (const [severity, message] of [
    ["debug", "x"],
    ["info", "x"],
    ["info#err", "x"],
    ["error", "update failed"],
    ["error", " "],
  ])
    assert.deepEqual(say(severity ?? "", message ?? ""), [], message);
  const status = { message: "acme: 3 of 4 rows", severity: "info", color: "raw", ephemeral: true };
  assert.deepEqual(deploymentEvents({ sequence: 0, timestamp: 0, diagnosticEvent: status as never }), [
    { kind: "status", text: "acme: 3 of 4 rows" },
  ]);
  const policy = { message: "no", policyName: "p", enforcementLevel: "mandatory", resourceUrn: "u" };
  assert.deepEqual(deploymentEvents({ sequence: 0, timestamp: 0, policyEvent: policy as never }), [
    { kind: "message", severity: "error", urn: "u", text: "policy p: no" },
  ]);
});

test("a state says which tenants it holds, and whether PUBLIC is shut out", () => {
  const resource = (types: string, name: string) => ({
    urn: `urn:pulumi:prod::b2b-tenants::${types}::${name}`,
    type: "",
    custom: true,
  });
  const shared = "b2b:index:SharedDatabase";
  const grant = `${shared}$postgresql:index/grant:Grant`;
  const resources = [
    resource("b2b:index:Tenant", "bolt"),
    resource("b2b:index:Tenant", "acme"),
    resource(shared, "shared-database"),
  ];
  const state = (more: object[]) =>
    holdingsIn({ version: 3, deployment: { resources: [...resources, ...more] as never } });
  const gate = resource("b2b:index:Tenant$pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate", "bolt-gate");
  const told = { tenants: ["acme", "bolt"], unfinished: ["acme"], resources: 4, sharedDatabase: false, interrupted: 0 };
  assert.deepEqual(state([gate]), told);
  assert.equal(state([resource(grant, "shared-database-public-schema")]).sharedDatabase, false);
  assert.equal(state([resource(grant, "shared-database-public-connect")]).sharedDatabase, true);
  assert.equal(holdingsIn({ version: 3, deployment: {} }).resources, 0);
});

test("the status tells what is not as it is declared, and what to do", () => {
  const statuses = [
    { stack: "prod", declared: ["a"], holds: { ...GUARDED, tenants: ["a"] } },
    {
      stack: "prod-2",
      declared: ["b", "c"],
      holds: { ...EMPTY, tenants: ["b", "d"], unfinished: ["b"], interrupted: 2 },
    },
    { stack: "prod-3", declared: ["e"], holds: null },
  ];
  assert.equal(
    statusText(statuses),
    [
      "stack   declared  deployed  resources",
      "prod           1         1          3",
      "prod-2         2         2          0  up would make c; up has not finished b; up would remove d; a run has died in 2 operations: npx b2b-tenants recover --stack prod-2",
      "prod-3         1         -          -  not made yet: npx pulumi stack init prod-3",
    ].join("\n"),
  );
  assert.deepEqual([isAsDeclared(statuses), isAsDeclared(statuses.slice(0, 1))], [false, true]);
});

function stackFile(stack: string, more: Partial<StackFile> = {}): StackFile {
  return { stack, file: `Pulumi.${stack}.yaml`, fleet: false, tenantsDir: "tenants", ...more };
}

function urn(name: string): string {
  return `urn:pulumi:prod::b2b-tenants::b2b:index:Tenant$b2b:index:TenantDatabase$x:y:Z::${name}`;
}

function step(op: string, name: string, status: StepEvent["status"] = "done"): DeploymentEvent {
  return { kind: "step", urn: urn(name), op, status };
}
