import assert from "node:assert/strict";
import { test } from "node:test";
import { newStackCommand, type StackValues, stackOptions } from "../../cli/command-line";
import { UsageError } from "../../domain/usage-error";
import { optionsToRepeat } from "../../ops/stack/stack-options";
import { parsedCommand } from "./parsed-command";

const parsed = (argv: readonly string[]) =>
  parsedCommand<StackValues>(
    newStackCommand("some", () => 0),
    argv,
  );

function options(...argv: string[]) {
  const line = parsed(argv);
  assert.ok(line !== "help");
  return stackOptions(line.values);
}

test("production is what a command works on, unless a rehearsal is named", () => {
  assert.deepEqual(options(), { stack: "prod", rehearsal: undefined, json: false });
  assert.deepEqual(options("--stack", "prod-farmacruz", "--json").stack, "prod-farmacruz");
  assert.deepEqual(options("--rehearsal").rehearsal, {
    home: ".rehearsal",
    tenants: undefined,
    migrations: undefined,
  });
  assert.deepEqual(options("--home", "h", "--tenants", "t", "--migrations", "m").rehearsal, {
    home: "h",
    tenants: "t",
    migrations: "m",
  });
});

test("--help wins over all else", () => {
  assert.equal(parsed(["--help", "--stack", "../x"]), "help");
});

for (const [argv, message] of [
  [["--stack", "../x"], /a stack's name has/],
  [["--stack", ".."], /a stack's name has/],
  [["--tenants", "t"], /--tenants is for a rehearsal/],
  [["--migrations", "m"], /--migrations is for a rehearsal/],
  [["--force"], /--force/],
] as const) {
  test(`${argv.join(" ")} is refused`, () => {
    assert.throws(
      () => options(...argv),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}

test("what a message tells to run next means the same stack and place", () => {
  for (const argv of [["--stack", "x"], ["--rehearsal"], ["--home", "h", "--tenants", "t", "--migrations", "m"]]) {
    const meant = options(...argv);
    assert.deepEqual(options(...optionsToRepeat(meant).split(" ")), meant);
  }
});
