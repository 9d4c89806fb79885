// Preloaded by npm test. Node's test runner notes of each promise, from its making to its end, in which case it was made, so that an
// error that nobody has caught can be told of that case. That makes each await take six times as long. Here it is told of the cases
// alone, which it needs to know what is a part of what. An error that nobody has caught fails the file.
const hooks = require("node:async_hooks");

const { AsyncResource } = hooks;
const CASE = "Test";
const told = new Set();

hooks.createHook = ({ init }) => ({
  enable() {
    told.add(init);
    return this;
  },
  disable() {
    told.delete(init);
    return this;
  },
});

hooks.AsyncResource = class extends AsyncResource {
  constructor(type, options) {
    super(type, options);
    if (type === CASE) for (const init of told) init(this.asyncId(), type, this.triggerAsyncId(), this);
  }
};
