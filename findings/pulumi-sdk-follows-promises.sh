#!/usr/bin/env bash
# @pulumi/pulumi 3.248.0 on Node 20: once an inline program or a component provider has run, Node follows every promise of the process.
#
# One would expect that a program costs the same whether the CLI runs it as a script or the Automation API runs it as a function. As a
# function, and in each `construct` of a component provider, it runs within an AsyncLocalStorage (runtime/state.js). On Node 20 that
# turns on a hook for each promise of the whole process, which is told of its making and of each turn of it, and the SDK makes thousands
# for each stack. It stays on after the program has ended. Node 24.21 keeps such a store without hooks, and this script fails there.
#
# Whether promises are followed shows in their ids: two turns of promises have one id where nobody follows them.
#
# Seen in November 2026 (Node 20); the milliseconds differ from run to run, and are not looked at:
#   before: 1 id for 100 turns, 300000 awaits take 40 ms
#   inline: 100 ids for 100 turns, 300000 awaits take 100 ms
#   after: 100 ids for 100 turns, 300000 awaits take 47 ms
#
# So the tests, which run many programs in one process and one at a time, keep the SDK's store in a variable:
# tests/rehearsal/program-host-process.ts.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf -- "$folder"' EXIT

npm install --prefix "$folder" --silent --no-audit --no-fund @pulumi/pulumi@3.248.0
cat >"$folder/followed.cjs" <<'JS'
const { executionAsyncId } = require("node:async_hooks");
// What automation/server.js runs an inline program with, and provider/server.js a component.
const { withLocalStorage } = require("@pulumi/pulumi/runtime/state");

async function look(when) {
  const ids = new Set();
  for (let turn = 0; turn < 100; turn++) {
    await null;
    ids.add(executionAsyncId());
  }
  const start = process.hrtime.bigint();
  for (let turn = 0; turn < 300_000; turn++) await null;
  const took = Number((process.hrtime.bigint() - start) / 1_000_000n);
  console.log(`${when}: ${ids.size} id${ids.size === 1 ? "" : "s"} for 100 turns, 300000 awaits take ${took} ms`);
  return ids.size;
}

(async () => {
  const seen = [await look("before"), await withLocalStorage(() => look("inline")), await look("after")];
  process.exitCode = seen[0] === 1 && seen[1] === 100 && seen[2] === 100 ? 0 : 1;
})();
JS
node --version
(cd "$folder" && node followed.cjs)
