// Preloaded by npm test. Node's test runner notes of each promise, from its making to its end, in which case it was made, so that an
// error that nobody has caught can be told of that case. That makes each await take six times as long. Without it, such an error
// fails the file.
const hooks = require("node:async_hooks");

const { createHook } = hooks;
const CASES = ["Test", "Suite"];

hooks.createHook = ({ init }) =>
  createHook({
    init(id, type, trigger, resource) {
      if (CASES.includes(resource?.constructor.name)) init(id, type, trigger, resource);
    },
  });
