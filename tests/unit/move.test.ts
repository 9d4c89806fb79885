import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { MovableStacks } from "../../ops/move/movable-stacks";
import { moveTenants } from "../../ops/move/move-tenants";
import { withKey, withoutKey, withStackKey, writeStackKey } from "../../ops/move/stack-key";
import { withoutTenants } from "../../ops/move/tenant-state";
import { findDatabaseMove } from "../../ops/move/to-database/find-move";
import { finishMove } from "../../ops/move/to-database/finish-move";
import type { ExportedResource, StackAccess, StackExport } from "../../ops/stack/stack-access";
import { SETTINGS, tenantSpec } from "../components/settings";

const TENANT = "b2b:index:Tenant";
const GATE = `${TENANT}$pulumi-nodejs:dynamic/b2b-tenants:OffboardingGate`;

describe("the stack in a tenant's file", () => {
  const url = "frontendUrl: https://acme.example.com\n";
  for (const [what, before, after] of [
    ["is added at the end", url, `${url}stack: prod-2\n`],
    ["is added where the last line does not end", url.trimEnd(), `${url}stack: prod-2\n`],
    [
      "is added after the last key",
      `${url}allowedOrigins: [] # none\n# end\n`,
      `${url}allowedOrigins: [] # none\nstack: prod-2\n# end\n`,
    ],
    ["takes the other's place", `stack: prod # ours\n${url}`, `stack: prod-2 # ours\n${url}`],
    ["takes the place of a quoted one", `stack: 'prod'\n${url}`, `stack: prod-2\n${url}`],
    [
      "is added to a mapping in braces",
      "{ frontendUrl: https://acme.example.com }\n",
      "{ frontendUrl: https://acme.example.com, stack: prod-2 }\n",
    ],
  ] as const) {
    it(what, () => assert.equal(withStackKey(before, "prod-2"), after));
  }
});

describe("a key of a tenant's file", () => {
  const url = "frontendUrl: https://acme.example.com\n";
  for (const [what, before, after] of [
    ["goes with its line", `${url}stack: prod # ours\nadopt: false\n`, `${url}adopt: false\n`],
    ["that is the last one goes too, where the line does not end", `${url}stack: prod`, url],
    ["that is not there leaves the text alone", `${url}# stack: prod\n`, `${url}# stack: prod\n`],
    ["goes from a mapping in braces", "{ stack: prod, frontendUrl: x }\n", "{ frontendUrl: x }\n"],
  ] as const) {
    it(what, () => assert.equal(withoutKey(before, "stack"), after));
  }
  it("is written after the others, and taken out again", () => {
    const written = withKey(url, "databaseOnly", "true");
    assert.equal(written, `${url}databaseOnly: true\n`);
    assert.equal(withKey("{ frontendUrl: x }\n", "databaseOnly", "true"), "{ frontendUrl: x, databaseOnly: true }\n");
    assert.equal(withoutKey(written, "databaseOnly"), url);
  });
});

describe("a move", () => {
  let folder: string;
  let states: Map<string, StackExport>;
  let running: boolean;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "move-"));
    states = new Map([
      ["prod", stateOf("prod", ["acme", "bolt"])],
      ["prod-2", stateOf("prod-2", ["cruz"])],
      ["prod-3", stateOf("prod-3", [])],
    ]);
    for (const [slug, stack] of [["acme"], ["bolt"], ["cruz", "prod-2"]]) declare(slug ?? "", stack);
    running = false;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const declare = (slug: string, stack?: string) =>
    writeFileSync(
      join(folder, `${slug}.yaml`),
      `frontendUrl: https://${slug}.example.com\n${stack ? `stack: ${stack}\n` : ""}`,
    );
  const declared = () =>
    Object.fromEntries(
      ["acme", "bolt", "cruz"].map((slug) => {
        const text = readFileSync(join(folder, `${slug}.yaml`), "utf8");
        return [slug, /^stack: (.*)$/m.exec(text)?.[1] ?? "prod"];
      }),
    );
  const holders = (slug: string) =>
    [...states].filter(([, state]) => slugs(state).includes(slug)).map(([stack]) => stack);

  /** The stacks in memory, which die after so many changes. */
  function stacksWith(
    changes: Partial<Record<string, Partial<StackAccess>>> = {},
    dieAfter = Number.POSITIVE_INFINITY,
  ): MovableStacks {
    let left = dieAfter;
    const write = (stack: string, state: StackExport) => {
      if (left-- <= 0) throw new Error("killed");
      states.set(stack, state);
    };
    const open = async (stack: string): Promise<StackAccess> => ({
      ...(access(stack) as StackAccess),
      exportState: async () => states.get(stack) ?? assert.fail(stack),
      importState: async (state) => write(stack, state),
      ...changes[stack],
    });
    return {
      open,
      deployer: {
        existing: async () => new Set(states.keys()),
        holdings: async (stack) => ({
          tenants: slugs(states.get(stack) ?? assert.fail(stack)),
          unfinished: [],
          resources: 0,
          sharedDatabase: false,
          interrupted: 0,
        }),
        deploy: async (stack, _operation, tell) => {
          const wanted = Object.entries(declared()).flatMap(([slug, named]) => (named === stack ? [slug] : []));
          const held = slugs(states.get(stack) ?? assert.fail(stack));
          for (const [op, list] of [
            ["create", wanted.filter((slug) => !held.includes(slug))],
            ["delete", held.filter((slug) => !wanted.includes(slug))],
          ] as const) {
            for (const slug of list) tell({ kind: "step", op, status: "done", urn: urn(stack, TENANT, slug) });
          }
          if (running) tell({ kind: "step", op: "update", status: "done", urn: urn(stack, TENANT, "other") });
          return { ok: true, stopped: false, reason: "" };
        },
      },
      moveState: async (from, to, urns) => {
        const source = states.get(from) ?? assert.fail(from);
        const target = states.get(to) ?? assert.fail(to);
        const moving = urns.map((one) => one.split("::").at(-1) ?? "");
        const moved = (source.deployment.resources ?? [])
          .filter((resource) =>
            moving.some((slug) => resource.urn.endsWith(`::${slug}`) || resource.urn.includes(`::${slug}-`)),
          )
          .map((resource) => ({ ...resource, urn: resource.urn.replace(`pulumi:${from}::`, `pulumi:${to}::`) }));
        write(to, { ...target, deployment: { resources: [...(target.deployment.resources ?? []), ...moved] } });
        write(from, withoutTenants(source, moving));
      },
    };
  }

  function access(stack: string, settings: Partial<typeof SETTINGS> = {}): Partial<StackAccess> {
    return {
      stack,
      settings: { ...SETTINGS, ...settings },
      everyStack: ["acme", "bolt", "cruz"].map((slug) => tenantSpec({ slug })),
      assertUnlocked: async () => {},
    };
  }

  async function move(
    list: readonly string[],
    to: string,
    stacks = stacksWith(),
  ): Promise<{ status: number; printed: string }> {
    const printed: string[] = [];
    const file = (stack: string) => ({
      stack,
      file: `Pulumi.${stack}.yaml`,
      fleet: stack === "prod",
      tenantsDir: folder,
    });
    const all = ["prod", "prod-2", "prod-3", "unmade"].map(file);
    const tenants = new Map(
      all.map(({ stack }) => [
        stack,
        Object.entries(declared()).flatMap(([slug, named]) => (named === stack ? [slug] : [])),
      ]),
    );
    const status = await moveTenants(
      { slugs: list, to, fleet: { all, tenants }, stacks, json: false, place: "", consent: async () => true },
      { print: (text) => void printed.push(text), report: (line) => void printed.push(line) },
    );
    return { status, printed: printed.join("\n") };
  }

  it("puts a tenant into the other state, protected, and names that stack in its file", async () => {
    const { status, printed } = await move(["acme"], "prod-2");
    assert.equal(status, 0, printed);
    assert.deepEqual([holders("acme"), declared().acme], [["prod-2"], "prod-2"]);
    const custom = (states.get("prod-2")?.deployment.resources ?? []).filter(
      ({ urn, custom }) => custom && urn.includes("::acme"),
    );
    assert.deepEqual(
      custom.map(({ protect }) => protect),
      [true],
    );
    assert.deepEqual(readdirSync(folder).sort(), ["acme.yaml", "bolt.yaml", "cruz.yaml"]);
  });

  for (const to of ["prod-2", "prod"]) {
    it(`that dies after any number of changes is ${to === "prod" ? "taken back" : "finished"} by the next`, async () => {
      for (let changes = 0; changes <= 3; changes += 1) {
        states.set("prod", stateOf("prod", ["acme", "bolt"]));
        states.set("prod-2", stateOf("prod-2", ["cruz"]));
        for (const slug of ["acme", "bolt"]) declare(slug);
        const dying = stacksWith({}, changes);
        if (changes < 3) await assert.rejects(move(["acme", "bolt"], "prod-2", dying), /^Error: killed$/);
        // All states were written, and then it died before the files were.
        else {
          await move(["acme", "bolt"], "prod-2", dying);
          declare("bolt");
        }
        for (const slug of ["acme", "bolt"]) assert.notDeepEqual(holders(slug), [], `after ${changes}`);
        const { status, printed } = await move(["acme", "bolt"], to);
        assert.equal(status, 0, printed);
        assert.deepEqual(
          [holders("acme"), holders("bolt"), declared()],
          [[to], [to], { acme: to, bolt: to, cruz: "prod-2" }],
        );
      }
    });
  }

  it("goes on where the file names the target already, whichever stack still has the tenant", async () => {
    declare("acme", "prod-3");
    assert.equal((await move(["acme"], "prod-3")).status, 0);
    assert.deepEqual(holders("acme"), ["prod-3"]);
    assert.match((await move(["acme"], "prod-3")).printed, /^acme: is in prod-3\./);
  });

  for (const [what, changed, refused] of [
    [
      "another database server",
      { database: { ...SETTINGS.database, host: "other.example.com" } },
      /^Error: prod-2 has another database \(other\.example\.com:5433, postgres\)/,
    ],
    [
      "another network",
      { network: { ...SETTINGS.network, vpcId: "vpc-2" } },
      /^Error: prod and prod-2 differ in what acme is made of: network\.vpcId \("vpc-1", "vpc-2"\)\. Make/,
    ],
    ["no alarms", { backups: { destination: "elsewhere" } }, /differ in what acme is made of: backups\.destination/],
  ] as const) {
    it(`is refused to a stack of ${what}`, async () => {
      await assert.rejects(move(["acme"], "prod-2", stacksWith({ "prod-2": access("prod-2", changed) })), refused);
      assert.deepEqual(holders("acme"), ["prod"]);
    });
  }

  it("is refused, and moves nothing, where it cannot be right", async () => {
    const before = new Map(states);
    const pending = {
      ...stateOf("prod", ["acme"]),
      deployment: {
        pending_operations: [{ type: "creating", resource: tenantOf("prod", "acme")[0] as ExportedResource }],
      },
    };
    await assert.rejects(
      move(["nobody"], "prod-2"),
      /^Error: no file declares a tenant "nobody"; there are: acme, bolt, cruz$/,
    );
    await assert.rejects(
      move(["acme"], "prod-9"),
      /there is no Pulumi\.STACK\.yaml of that name; there are: prod, prod-2/,
    );
    await assert.rejects(
      move(["acme"], "unmade"),
      /^Error: the stack unmade has not been made: `npx pulumi stack init unmade`/,
    );
    await assert.rejects(
      move(["acme"], "prod-2", stacksWith({ prod: { exportState: async () => pending } })),
      /a run of prod died.*recover --stack prod/,
    );
    const adopted = { everyStack: [tenantSpec({ slug: "acme", adopt: true })] };
    await assert.rejects(
      move(["acme"], "prod-2", stacksWith({ prod: adopted, "prod-2": adopted })),
      /acme\.yaml says `adopt: true`: a deployment of prod from before the move would adopt acme anew/,
    );
    running = true;
    await assert.rejects(
      move(["acme"], "prod-2"),
      /^Error: what is declared is not deployed yet.*\n {2}prod: update other\n {2}prod-2: update other$/s,
    );
    declare("dora");
    assert.deepEqual(states, before);
  });

  it("after which a preview shows a change says which, and how to take it back", async () => {
    const stacks = stacksWith();
    const moveState: MovableStacks["moveState"] = async (...args) => {
      await stacks.moveState(...args);
      running = true;
    };
    const { status, printed } = await move(["acme"], "prod-2", { ...stacks, moveState });
    assert.equal(status, 1);
    assert.match(
      printed,
      /\n {2}prod: update other\n {2}prod-2: update other\n.*\n {2}npx b2b-tenants move acme --to-stack prod$/s,
    );
  });

  it("can be taken back before its file is committed, which nothing else but the stack may differ in", async () => {
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], { cwd: folder });
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "--message=tenants");
    await move(["acme"], "prod-2");
    assert.equal((await move(["acme"], "prod")).status, 0);
    assert.deepEqual([holders("acme"), declared().acme], [["prod"], "prod"]);
    appendFileSync(join(folder, "acme.yaml"), "adopt: false\n");
    await assert.rejects(
      move(["acme"], "prod-2"),
      /acme\.yaml has changes that are not committed: commit or undo them/,
    );
  });

  it("of a tenant that differs between two states is left to a person", async () => {
    states.set("prod-2", stateOf("prod-2", ["acme"], "another-id"));
    await assert.rejects(
      move(["acme"], "prod-2"),
      /acme is in the states of prod and prod-2, and not with the same resources/,
    );
  });

  it("leaves no reference to what has gone, and writes a file in one step", async () => {
    const left = withoutTenants(stateOf("prod", ["acme", "bolt"]), ["acme"]);
    assert.doesNotMatch(JSON.stringify(left), /acme/);
    writeStackKey(join(folder, "acme.yaml"), "prod-2");
    assert.equal(declared().acme, "prod-2");
  });
});

function urn(stack: string, type: string, name: string): string {
  return `urn:pulumi:${stack}::b2b-tenants::${type}::${name}`;
}

function slugs({ deployment }: StackExport): string[] {
  return (deployment.resources ?? []).flatMap(({ type, urn }) =>
    type === TENANT ? [urn.split("::").at(-1) ?? ""] : [],
  );
}

function tenantOf(stack: string, slug: string, id = `${slug}-id`): ExportedResource[] {
  return [
    { urn: urn(stack, TENANT, slug), type: TENANT, custom: false },
    { urn: urn(stack, GATE, `${slug}-gate`), type: GATE.split("$").at(-1) ?? "", custom: true, id },
  ];
}

/** A state in which each tenant waits for the one before it, as all do for a canary. */
function stateOf(stack: string, list: readonly string[], id?: string): StackExport {
  const resources = list.flatMap((slug, index) => {
    const before = list[index - 1];
    const waits = before === undefined ? {} : { dependencies: [urn(stack, GATE, `${before}-gate`)] };
    return tenantOf(stack, slug, id).map((resource) => ({ ...resource, ...(resource.custom ? waits : {}) }));
  });
  return { version: 3, deployment: { resources } };
}

describe("a move to another database", () => {
  const stack = (name: string, tenantsDir: string, environment: string) => ({
    stack: name,
    file: `Pulumi.${name}.yaml`,
    fleet: name !== "prod-2",
    environment,
    tenantsDir,
  });
  const all = [
    stack("prod", "tenants", "prod"),
    stack("prod-2", "tenants", "prod"),
    stack("trial", "tenants-trial", "trial"),
  ];
  const request = (to: string, tenants: Readonly<Record<string, readonly string[]>>) => ({
    slugs: ["acme"],
    to,
    fleet: { all, tenants: new Map(Object.entries(tenants)) },
    // None of it is looked at.
    stacks: {} as MovableStacks,
  });

  it("is none of a tenant that another environment has a namesake of", async () => {
    for (const to of ["prod", "prod-2", "trial"]) {
      assert.equal(await findDatabaseMove(request(to, { prod: ["acme"], trial: ["acme"] })), undefined, to);
    }
  });

  it("is not ended for a stack that is not there", async () => {
    const options = { ...request("trail", { prod: ["acme"] }), json: false, place: "", consent: async () => true };
    await assert.rejects(
      finishMove(options, { print: assert.fail, report: assert.fail }),
      /--to-stack "trail": there is no Pulumi\.STACK\.yaml of that name; there are: prod, prod-2, trial$/,
    );
  });
});
