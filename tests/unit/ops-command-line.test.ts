import assert from "node:assert/strict";
import { test } from "node:test";
import { optionsToRepeat, parseCommandLine } from "../../cli/command-line";
import { UsageError } from "../../domain/usage-error";

function options(...argv: string[]) {
  const parsed = parseCommandLine(argv, {});
  assert.ok(parsed !== "help");
  return parsed.options;
}

test("production is what a command works on, unless a rehearsal is named", () => {
  assert.deepEqual(options(), { stack: "prod", rehearsal: undefined, json: false });
  assert.deepEqual(options("--stack", "prod-farmacruz", "--json").stack, "prod-farmacruz");
  assert.deepEqual(options("--rehearsal").rehearsal, { home: ".rehearsal", tenants: undefined });
  assert.deepEqual(options("--home", "h", "--tenants", "t").rehearsal, { home: "h", tenants: "t" });
});

test("--help wins over all else", () => {
  assert.equal(parseCommandLine(["--help", "--stack", "../x"], {}), "help");
});

for (const [argv, message] of [
  [["--stack", "../x"], /a stack's name has/],
  [["--stack", ".."], /a stack's name has/],
  [["--tenants", "t"], /--tenants is for a rehearsal/],
  [["--force"], /--force/],
] as const) {
  test(`${argv.join(" ")} is refused`, () => {
    assert.throws(
      () => parseCommandLine(argv, {}),
      (error) => error instanceof UsageError && message.test(error.message),
    );
  });
}

test("what a message tells to run next means the same stack and place", () => {
  for (const argv of [["--stack", "x"], ["--rehearsal"], ["--home", "h", "--tenants", "t"]]) {
    const meant = options(...argv);
    assert.deepEqual(options(...optionsToRepeat(meant).split(" ")), meant);
  }
});
