import assert from "node:assert/strict";
import { test } from "node:test";
import { atTerminal } from "./at-terminal";

const ASKS = 'require("./cli/ask").ask("Do this?").then((yes) => console.log(yes ? "yes" : "no"))';

for (const [keys, name, answer] of [
  ["y\n", "y", "yes"],
  ["yes\n", "yes", "yes"],
  ["\n", "Enter", "no"],
  ["yesterday\n", "another word", "no"],
  ["\u0003", "Ctrl-C", "no"],
  ["\u0004", "Ctrl-D", "no"],
] as const) {
  test(`${name} at a question means ${answer}`, async () => {
    const { status, shown } = await atTerminal(["--import", "tsx", "-e", ASKS], keys);
    assert.equal(status, 0);
    assert.match(shown, new RegExp(`^.*Do this\\? \\[y/N\\] .*\\n${answer}\\n$`));
  });
}
