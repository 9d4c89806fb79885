#!/usr/bin/env bash
# Pulumi's Node SDK 3.248.0: Node's --stack-trace-limit=0 does not keep stack traces out of the state.
#
# Every registration of a resource carries the frames of the program that led to it, and the engine stores them with the resource: several
# hundred bytes each, rewritten with every step. One would expect that Node's own option, or Error.stackTraceLimit, bounds or ends them.
# The SDK sets that limit to infinity for the moment in which it takes them, so there are as many as the call is deep; an option to leave
# them out was not found.
#
# Seen in November 2026, of one component made ten calls deep, with node --stack-trace-limit=0:
#   own error: 0 frames, registration: 13 frames
#
# So components/lean-sdk.ts replaces what takes them: 521 bytes less of each resource.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf -- "$folder"' EXIT

cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @pulumi/pulumi@3.248.0
cat >index.js <<'JS'
const pulumi = require("@pulumi/pulumi");

class Box extends pulumi.ComponentResource {
  constructor(name) {
    super("example:index:Box", name);
  }
}

const made = (depth) => (depth === 0 ? new Box("one") : made(depth - 1));

(async () => {
  await pulumi.runtime.setMocks({ call: () => ({}), newResource: ({ name }) => ({ id: name, state: {} }) });
  const monitor = pulumi.runtime.getMonitor();
  const register = monitor.registerResource;
  monitor.registerResource = function (request, ...more) {
    const own = new Error("own").stack.split("\n").length - 1;
    console.log(`own error: ${own} frames, registration: ${request.getStacktrace().getFramesList().length} frames`);
    return register.call(this, request, ...more);
  };
  made(10);
})();
JS
seen="$(node --stack-trace-limit=0 index.js)"
echo "$seen"
[[ "$seen" =~ ^own\ error:\ 0\ frames,\ registration:\ ([0-9]+)\ frames$ ]] && [ "${BASH_REMATCH[1]}" -ge 10 ]
