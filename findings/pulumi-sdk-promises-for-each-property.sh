#!/usr/bin/env bash
# Pulumi's Node SDK 3.248.0: each property of a resource takes some thirty promises, whoever reads it.
#
# One would expect an output that the program never reads to cost next to nothing. The SDK makes an `Output` for every property that the
# resource's class names as soon as the resource is declared: four promises for what is to come, each of them watched by two more, and those
# of the output itself. A provider's class names all outputs that there are, an EC2 instance 57 of them, of which a program reads a few.
#
# Seen in November 2026, with Node 20.20, of a hundred properties that the program neither sets nor reads:
#   promises for each property: 31
#
# So components/lean-sdk.ts makes an output when it is read first: of a program of 1,319 resources, a quarter of the processor time.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf -- "$folder"' EXIT

cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @pulumi/pulumi@3.248.0
cat >index.js <<'JS'
const { createHook } = require("node:async_hooks");
const pulumi = require("@pulumi/pulumi");

let promises = 0;
createHook({
  init: (id, type) => {
    if (type === "PROMISE") promises += 1;
  },
}).enable();

/** Promises that are made for a resource with so many properties, until it is registered. */
async function promisesOf(name, properties) {
  const named = Object.fromEntries(Array.from({ length: properties }, (_, index) => [`property${index}`, undefined]));
  const before = promises;
  const { urn } = new pulumi.CustomResource("example:index:Thing", name, named);
  await new Promise((resolve) => urn.apply(resolve));
  await pulumi.runtime.disconnect();
  return promises - before;
}

(async () => {
  await pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ name }) => ({ id: name, state: {} }) });
  await promisesOf("first", 1);
  const [few, many] = [await promisesOf("few", 1), await promisesOf("many", 101)];
  console.log(`promises for each property: ${Math.round((many - few) / 100)}`);
  process.exit(0);
})();
JS
seen="$(node index.js)"
echo "$seen"
[[ "$seen" =~ ^promises\ for\ each\ property:\ ([0-9]+)$ ]] && [ "${BASH_REMATCH[1]}" -ge 20 ]
