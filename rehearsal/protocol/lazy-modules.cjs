// Preloaded into the processes that the engine starts. The SDK loads the TypeScript compiler and npm's dependency tree at its own
// start, for code that is serialized or analysed; most processes never do either, and save 0.3 s of processor time each:
// findings/pulumi-sdk-loads-npm.sh.
const Module = require("node:module");

const load = Module._load;
const LAZY = ["typescript", "@npmcli/arborist"];

Module._load = function (request, ...place) {
  if (!LAZY.includes(request)) return load.call(this, request, ...place);
  const get = (_target, key) => (key === "__esModule" ? true : load.call(this, request, ...place)[key]);
  return new Proxy({}, { get });
};
