import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { after, describe, it } from "node:test";
import { leftovers } from "./leftovers";
import { frontend, outcomeOf, ScratchRehearsal } from "./scratch-rehearsal";

const SLUGS = ["acme", "cargo"];
const rehearsal = new ScratchRehearsal(Object.fromEntries(SLUGS.map((slug) => [slug, frontend(slug)])));
const neighbour = new ScratchRehearsal({ acme: frontend("acme") });
after(() => Promise.all([rehearsal.remove(), neighbour.remove()]));

/** Resolves as soon as the command has printed something like that. */
function untilPrinted(child: ChildProcess, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = "";
    child.stdout?.on("data", (chunk: string) => {
      printed += chunk;
      if (pattern.test(printed)) resolve();
    });
    child.on("close", () => reject(new Error(`it never printed ${pattern}: ${printed}`)));
  });
}

describe("Ctrl-C in the middle of an up", () => {
  it("finishes what is under way and exits with 1; the same command then goes on where it stopped", async () => {
    const child = rehearsal.start(["up"]);
    const ended = outcomeOf(child);
    await untilPrinted(child, /role:Role acme-role: created/);
    child.kill("SIGINT");
    const { status, stdout, stderr } = await ended;
    assert.equal(status, 1);
    assert.match(stderr, /^Stopping when what is under way is finished\./m);
    assert.match(stdout, /^Interrupted: what was under way is finished, and nothing else was begun\./m);
    assert.doesNotMatch(stdout + stderr, /^error|^\s+at /m);

    const made = (stdout.match(/: created$/gm) ?? []).length;
    const rest = await rehearsal.command(["up"]);
    assert.equal(rest.status, 0, rest.stdout);
    const remade = (rest.stdout.match(/: created$/gm) ?? []).length;
    assert.equal(made + remade, 71, "nothing is made twice and nothing is left out");
    const third = await rehearsal.up();
    assert.deepEqual([third.changes, third.failures, third.steps.length], [[], [], 71]);
  });
});

describe("two commands at once", () => {
  it("in one home wait for each other", async () => {
    rehearsal.withdraw("cargo");
    const printed = new EventEmitter();
    const first = rehearsal.command(["up"], (line) => void printed.emit(/: deleted$/.test(line) ? "deleted" : "other"));
    await Promise.race([once(printed, "deleted"), first]);
    const outcomes = await Promise.all([first, rehearsal.command(["up"])]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      [0, 0],
    );
    const waited = outcomes.filter(({ stderr }) => /^Another rehearsal command is at work in this home/m.test(stderr));
    assert.equal(waited.length, 1);
    assert.deepEqual(outcomes.map(({ stdout }) => stdout.trim().split("\n").at(-1)).sort(), [
      "26 deleted, 45 unchanged.",
      "45 unchanged.",
    ]);
  });

  it("in two homes do not meet", async () => {
    rehearsal.declare("dora");
    const outcomes = await Promise.all([rehearsal.run(["up"]), neighbour.command(["up"])]);
    assert.deepEqual(
      outcomes.map(({ status, stderr }) => [status, stderr]),
      [
        [0, ""],
        [0, ""],
      ],
    );
    await Promise.all([rehearsal.open(), neighbour.open()]);
    const [here, there] = [rehearsal.session, neighbour.session];
    assert.notEqual(here.postgres.port, there.postgres.port);
    assert.notEqual(here.moto.endpoint, there.moto.endpoint);
    assert.deepEqual(await leftovers(neighbour, "dora"), []);
    assert.notDeepEqual(await leftovers(rehearsal, "dora"), []);
  });
});
