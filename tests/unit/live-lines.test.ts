import assert from "node:assert/strict";
import { test } from "node:test";
import { StackLines } from "../../ops/fleet/displays";
import type { StackOutcome } from "../../ops/fleet/stack-outcome";
import { TaskLines } from "../../ops/live-lines";

const ESCAPE = "\u001b";

/** What is on a terminal after it was written to: each text goes so many lines up and clears what is below, or it is appended. */
function screenOf(written: readonly string[]): string[] {
  return written.reduce<string[]>((screen, text) => {
    const [, up, rest = text] = new RegExp(`^${ESCAPE}\\[(\\d+)A${ESCAPE}\\[J(.*)$`, "s").exec(text) ?? [];
    return [...screen.slice(0, screen.length - Number(up ?? 0)), ...rest.split("\n").slice(0, -1)];
  }, []);
}

function terminal() {
  const written: string[] = [];
  let now = 0;
  const lines = new TaskLines({ write: (text) => void written.push(text), columns: 60 }, () => now);
  const pass = (ms: number) => {
    now += ms;
  };
  return { lines, pass, screen: () => screenOf(written), written };
}

test("each task under way has a line that says how long it is at what, and about how much longer that takes", () => {
  const { lines, pass, screen } = terminal();
  lines.begun("acme");
  lines.begun("farmacruz");
  lines.at("farmacruz", "3 of 12 tables", 0.25);
  pass(10_000);
  lines.draw();
  assert.deepEqual(screen(), ["acme         10 s  ", "farmacruz    10 s  3 of 12 tables  about 30 s left"]);
  // What is counted from here on is something else.
  lines.at("farmacruz", "0 of 1 MB", 0);
  pass(300_000);
  lines.at("farmacruz", "0.5 of 1 MB", 0.5);
  lines.draw();
  assert.equal(screen()[1], "farmacruz   310 s  0.5 of 1 MB  about 5 min left");
  pass(-300_000);
  lines.ended("farmacruz");
  lines.say("something happened");
  assert.deepEqual(screen(), ["something happened", "acme    10 s  "]);
  lines.at("acme", "x".repeat(200));
  lines.draw();
  assert.equal(screen()[1]?.length, 59);
});

test("a stack's line says what its last message does until the next step", () => {
  const written: string[] = [];
  const stacks = new StackLines({ write: (text) => void written.push(text), columns: 80 }, false);
  stacks.begun("prod");
  stacks.event("prod", { kind: "status", text: "acme: restoring the backup: 3 MB of 9 MB, about 4 s left" });
  stacks.say("something happened");
  const outcome = { stack: "prod", result: "done", reason: "", seconds: 7 } as StackOutcome;
  assert.match(written.at(-1) ?? "", /prod {2}at work .* 0 changed {2}acme: restoring the backup: 3 MB of 9/);
  stacks.ended(outcome);
  assert.doesNotMatch(written.at(-1) ?? "", /acme/);
});

test("of tasks that have ended nothing is left but what was said", () => {
  const { lines, screen, written } = terminal();
  lines.say("before");
  assert.deepEqual(written, ["before\n"]);
  lines.begun("acme");
  lines.say("one");
  lines.ended("acme");
  lines.say("two");
  assert.deepEqual(screen(), ["before", "one", "two"]);
});
