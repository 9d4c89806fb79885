// Preloaded into the processes that the rehearsal starts. The SDK calls the engine for each of its debug messages, four or five for a
// resource, which are most of a program's calls and which this engine shows nobody.
const Module = require("node:module");

const load = Module._load;

Module._load = function (request, ...place) {
  const loaded = load.call(this, request, ...place);
  if (/(^|\/)log$/.test(request) && loaded.hasErrors && loaded.debug !== unsaid) loaded.debug = unsaid;
  return loaded;
};

async function unsaid() {}
