import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as dropGuard from "../../components/dynamic/drop-guard-run";
import * as migrations from "../../components/dynamic/migrations-run";
import * as offboardingGate from "../../components/dynamic/offboarding-gate-run";
import * as schemaGuard from "../../components/dynamic/schema-guard-run";
import * as sqlScript from "../../components/dynamic/sql-script-run";
import { removals } from "../../database/offboarding/offboarding-lock";

/** Inputs of which nothing can be read: whatever a resource does first, it fails with these words. */
const unreadable = new Proxy(
  {},
  {
    get: () => fail(),
    ownKeys: () => fail(),
  },
) as never;

function fail(): never {
  throw new Error("\u001b[2J<{%fg 1%}>\nnext line");
}

describe("what a dynamic resource fails with reaches the user as a printable message, without a stack", () => {
  for (const [name, run] of Object.entries({ dropGuard, offboardingGate, schemaGuard, sqlScript, migrations })) {
    for (const [key, call] of Object.entries(run as Record<string, (...args: never[]) => Promise<unknown>>)) {
      it(`${name}.${key}`, async () => {
        const error = await call(unreadable, unreadable, unreadable).then(
          () => assert.fail("it did not fail"),
          (error: Error) => error,
        );
        assert.ok(error.message.endsWith("\\u{1b}[2J\\u{3c}{%fg 1%}>\nnext line"), error.message);
        assert.equal(error.stack, "");
      });
    }
  }
});

it("a removal begins beside one that takes long, whatever was dealt to it before", async () => {
  let release = () => {};
  const long = removals(() => new Promise<void>((resolve) => (release = resolve)));
  const order: string[] = [];
  const others = ["second", "third", "fourth"].map((name) => removals(async () => order.push(name)));
  await new Promise(setImmediate);
  // Before any assertion: a removal that waits for ever would take the tests after this one with it.
  const begun = [...order];
  release();
  await Promise.all([long, ...others]);
  assert.deepEqual(begun, ["second", "third", "fourth"]);
});

it("no more than two removals run at once", async () => {
  let running = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 6 }, () =>
      removals(async () => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
      }),
    ),
  );
  assert.equal(most, 2);
});
