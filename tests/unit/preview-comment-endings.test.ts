import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { byTenant } from "../../ops/preview-comment/by-tenant";
import { previewComment } from "../../ops/preview-comment/comment";
import { parsePreviewDigest } from "../../ops/preview-comment/preview-digest";
import { runProgram } from "../components/program";
import { named, type Registration } from "../components/recorder";
import { error, preview, root, type Step, step } from "./preview-comment-builders";

const ALARMS = { addresses: ["ops@example.com"], databaseInstance: "b2b-platform", allocatedStorage: 20 };

/** Every operation that the engine has a word for, and two that it may come to have; whether something ends by it. */
const OPERATIONS: readonly (readonly [string, boolean])[] = [
  ["same", false],
  ["create", false],
  ["update", false],
  ["delete", true],
  ["replace", true],
  ["create-replacement", true],
  ["delete-replaced", true],
  ["read", false],
  ["read-replacement", true],
  ["refresh", false],
  ["discard", false],
  ["discard-replaced", false],
  ["remove-pending-replace", false],
  ["import", false],
  ["import-replacement", true],
  ["annihilate", true],
  ["constructor", true],
];

/** What data, logins and servers are, by type: the end of these is told in red. */
const RED = /:(Schema|OffboardingGate)$|^postgresql:.*:Role$|^aws:ec2\/instance:/;
/** What is nothing but its parts. */
const COMPONENT = /^b2b:index:/;

describe("whatever ends is in the box at the top", () => {
  let resources: Registration[];

  before(async () => {
    const tenantsDir = mkdtempSync(join(tmpdir(), "endings-"));
    try {
      writeFileSync(join(tenantsDir, "acme.yaml"), "frontendUrl: https://shop.example.com\n");
      const { registrations, result } = await runProgram({ tenantsDir, fleet: true, more: { alarms: ALARMS } });
      assert.equal(result.error, undefined);
      resources = registrations;
    } finally {
      rmSync(tenantsDir, { recursive: true, force: true });
    }
  });

  for (const [op, isEnd] of OPERATIONS) {
    it(`${op}, of every resource that the program makes: ${isEnd ? "told" : "nothing to tell"}`, () => {
      for (const resource of resources.filter(({ type }) => !COMPONENT.test(type))) {
        const [box, color] = boxOf([stepOf(op, resource)]);
        assert.equal(box.includes(`\`${resource.name}\``), isEnd, resource.name);
        if (!isEnd) assert.equal(box, "", resource.name);
        // A gate goes together with its schema, and after a backup; alone, it takes the tenant's login with it.
        const isRed =
          RED.test(resource.type) && !(resource.type.endsWith(":OffboardingGate") && !op.startsWith("delete"));
        if (isEnd && op !== "annihilate" && op !== "constructor")
          assert.equal(color, isRed ? "CAUTION" : "WARNING", resource.name);
      }
    });
  }

  it("in the midst of anything else, of a preview that failed or not, in one stack or two", () => {
    const pick = choices(7);
    const parts = resources.filter(({ type }) => !COMPONENT.test(type));
    for (let round = 0; round < 60; round++) {
      const steps: Step[] = [];
      const ends: string[] = [];
      for (const slug of ["acme", "bolt", "cruz"]) {
        const fate = pick(["create", "delete", "update", "same", "same"]);
        const tenant = named(resources, "acme");
        steps.push(stepOf(fate, tenant, slug));
        for (const resource of parts.filter(({ name }) => /^acme-/.test(name) || slug === "acme")) {
          const [op, isEnd] =
            fate === "delete" && /^acme-/.test(resource.name) ? (["delete", true] as const) : pick(OPERATIONS);
          const one = stepOf(op, resource, slug);
          steps.push(one);
          const name = one.urn.slice(one.urn.lastIndexOf("::") + 2);
          if (isEnd) ends.push(fate === "delete" && name.startsWith(slug) ? slug : name);
        }
      }
      const shuffled = steps.map((one) => [pick(NUMBERS), one] as const).sort(([a], [b]) => a - b);
      const [box, color] = boxOf(
        shuffled.map(([, one]) => one),
        pick([undefined, "preview failed", "pq: no"]),
      );
      for (const name of ends) assert.ok(box.includes(`\`${name}\``), `${round}: ${name}`);
      const isDropped = steps.some(({ op, urn }) => op === "delete" && urn.includes(":Schema::"));
      if (isDropped) assert.equal(color, "CAUTION");
    }
  });

  it("a name that is none of Pulumi's is told as it is", () => {
    const [box] = boxOf([{ op: "delete", urn: "acme-schema", oldState: { inputs: {} } }]);
    assert.match(box, /the platform: `acme-schema` is \*\*deleted\*\*/);
  });

  it("what an earlier replacement has left behind is red where data hang on its name", () => {
    for (const [name, color] of [
      ["acme-schema", "CAUTION"],
      ["acme-role", "CAUTION"],
      ["acme-instance", "WARNING"],
    ] as const) {
      const left = step("delete", typesOf(name), name, { before: {}, leftOver: true });
      const [box, found] = boxOf([left]);
      assert.deepEqual([found, box.includes("left behind by an earlier replacement: ")], [color, true], name);
    }
  });

  it("the gate that tells of a backup is the one that goes, and not one that a replacement has left behind", () => {
    const gate = (backup: boolean, leftOver: boolean) =>
      step("delete", typesOf("acme-gate"), "acme-gate", { before: { backup }, leftOver });
    const steps = [gate(true, true), gate(false, false), stepOf("delete", named(resources, "acme"))];
    assert.match(boxOf(steps)[0], /`acme` \*\*is offboarded\. NO backup: offboarding\.backup is false\.\*\*/);
  });

  function stepOf(op: string, { name }: Registration, slug = "acme"): Step {
    return step(op, typesOf(name), name.replace(/^acme(?=-|$)/, slug), { before: { backup: true }, after: {} });
  }

  function typesOf(name: string): string {
    const { parent, type } = named(resources, name);
    return parent ? `${typesOf(parent)}$${type}` : type;
  }
});

/** The box, and its colour; both empty where there is none. */
function boxOf(steps: readonly Step[], message?: string): readonly [string, string] {
  const text = preview([root(["acme"]), ...steps], message === undefined ? [] : [error(message)]);
  const comment = previewComment([byTenant("prod", parsePreviewDigest(text, "prod"))], undefined);
  const [box = "", color = ""] = /^> \[!(\w+)\]\n> \*\*Deleted or replaced\*\*\n(?:>.*\n?)*/m.exec(comment) ?? [];
  return [box, color];
}

const NUMBERS = Array.from({ length: 1000 }, (_, index) => index);

/** The same choices at every run. */
function choices(seed: number): <T>(from: readonly T[]) => T {
  let state = seed;
  return (from) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    const chosen = from[Math.floor((state / 2147483648) * from.length)];
    assert.ok(chosen !== undefined || from.includes(chosen as never));
    return chosen as (typeof from)[number];
  };
}
