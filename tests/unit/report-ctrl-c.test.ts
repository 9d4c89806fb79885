import assert from "node:assert/strict";
import { test } from "node:test";
import { endOfWatch } from "../../ops/report/print-reports";

test("a Ctrl-C that comes twice, as under npm, ends a watch and not the process", () => {
  const before = process.listeners("SIGINT");
  const ended = endOfWatch();
  process.emit("SIGINT");
  assert.equal(ended.aborted, true);
  // Without one, the second would end the process before it has closed its session.
  const listening = process.listeners("SIGINT").filter((listener) => !before.includes(listener));
  assert.equal(listening.length, 1);
  for (const listener of listening) process.off("SIGINT", listener);
});
